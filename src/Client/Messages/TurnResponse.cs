using GenAI.Chats.V1;

namespace GenAI.Chats.Client;

/// <summary>What a model answered to a message, once that is durable.</summary>
public sealed class TurnResponse : ModelResponse
{
    internal TurnResponse(SendMessageResponse sent)
        : base(sent.Response ?? new GenerateContentResponse()) => Turn = sent.Turn;

    /// <summary>The turn as it was recorded: its id, the chat's revision with it, whether later sends carry it.</summary>
    public Turn Turn { get; }
}
