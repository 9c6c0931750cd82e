using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Engine.Tools;

/// <summary>A model's call of a function of the host.</summary>
public sealed record ChatToolCall
{
    /// <summary>Whose chat it is. Without authentication: <c>default</c>.</summary>
    public required string Tenant { get; init; }

    /// <summary>The chat.</summary>
    public required string ChatId { get; init; }

    /// <summary>The turn.</summary>
    public required string TurnId { get; init; }

    /// <summary>
    /// Names this call, and no other one of any chat. It stays the same when the call has to be run again, and so do the arguments.
    /// </summary>
    public required string CallId { get; init; }

    /// <summary>The id that the model gave the call; empty when it gave none.</summary>
    public string FunctionCallId { get; init; } = "";

    /// <summary>The function's name.</summary>
    public required string Name { get; init; }

    /// <summary>The arguments. They belong to the tool.</summary>
    public required Struct Args { get; init; }

    /// <summary>The exact JSON of the arguments that <see cref="Args"/> can't hold exactly, such as integers beyond 2^53; null for most calls.</summary>
    public ExactJson? ArgsJson { get; init; }
}
