namespace GenAI.Chats.Engine.Tools;

/// <summary>A model's call of a server-side tool.</summary>
public sealed record ChatToolCall
{
    /// <summary>Gets the chat's tenant. Without authentication, it is <c>default</c>.</summary>
    public required string Tenant { get; init; }

    /// <summary>Gets the chat's ID.</summary>
    public required string ChatId { get; init; }

    /// <summary>Gets the turn's ID.</summary>
    public required string TurnId { get; init; }

    /// <summary>
    /// Gets the call's ID, which is unique across all chats. If the call has to run again, the ID and the arguments stay the same.
    /// </summary>
    public required string CallId { get; init; }

    /// <summary>Gets the ID that the model gave the call. Empty if it gave none.</summary>
    public string FunctionCallId { get; init; } = "";

    /// <summary>Gets the function's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the arguments. The tool may change them.</summary>
    public required Struct Args { get; init; }

    /// <summary>Gets the exact JSON of arguments that <see cref="Args"/> can't hold exactly, such as integers beyond 2^53. Null for most calls.</summary>
    public ExactJson? ArgsJson { get; init; }
}
