namespace GenAI.Chats.Client;

/// <summary>A model's response to a message, once it's durable.</summary>
public sealed class TurnResponse : ModelResponse
{
    internal TurnResponse(SendMessageResponse sent)
        : base(sent.Response ?? new GenerateContentResponse()) => Turn = sent.Turn;

    /// <summary>The recorded turn, with its ID and the chat's revision.</summary>
    public Turn Turn { get; }
}
