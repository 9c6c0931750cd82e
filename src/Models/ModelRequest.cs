using GenAI.Chats.V1;

namespace GenAI.Chats.Models;

/// <summary>One call of a model: the chat's curated history, this turn's contents, and the configuration in force.</summary>
public sealed record ModelRequest
{
    /// <summary>The model's name as the chat has it, such as <c>gemini-2.5-flash</c>.</summary>
    public required string Model { get; init; }

    /// <summary>This turn's contents so far, oldest first: the user's message, then any function calls and their responses. Never empty.</summary>
    public required IReadOnlyList<Content> Contents { get; init; }

    /// <summary>
    /// Reads the curated history before this turn, oldest first. A model that answers from <see cref="Contents"/> alone does not call it,
    /// so that its turns cost the same however long the chat is. What it returns is shared: it must not be changed.
    /// </summary>
    public required Func<CancellationToken, ValueTask<IReadOnlyList<Content>>> ReadHistoryAsync { get; init; }

    /// <summary>The configuration of this turn, or null for the model's own defaults.</summary>
    public GenerateContentConfig? Config { get; init; }

    /// <summary>
    /// When the turn's attempt began, as <see cref="TimeProvider.GetTimestamp"/> of this process has it: a route's total time limit counts from then. Null: from
    /// the call on.
    /// </summary>
    public long? TurnStartTimestamp { get; init; }

    /// <summary>The chat's id, for telemetry. Models are not told.</summary>
    public string? ConversationId { get; init; }

    /// <summary>
    /// What a model calls whenever something has come from the other side, such as the piece of a function's arguments or a comment in a
    /// stream, whether or not it makes a response. A stream in which nothing comes for long has stalled. May be called by any thread.
    /// </summary>
    public Action? OnActivity { get; init; }

    /// <summary>Whether the responses are wanted as they come.</summary>
    public bool Stream { get; init; }
}
