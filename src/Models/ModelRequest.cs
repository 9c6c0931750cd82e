namespace GenAI.Chats.Models;

/// <summary>A model call: the chat's curated history, the contents of the turn, and the effective configuration.</summary>
public sealed record ModelRequest
{
    /// <summary>Gets the chat's model name, such as <c>gemini-2.5-flash</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Gets the turn's contents, oldest first: the user message, then function calls and responses. Never empty.</summary>
    public required IReadOnlyList<Content> Contents { get; init; }

    /// <summary>
    /// Gets a function that reads the curated history before this turn, oldest first. Models that don't need the history don't call it, so the
    /// cost of their turns doesn't depend on the chat's length. The result is shared and must not be modified.
    /// </summary>
    public required Func<CancellationToken, ValueTask<IReadOnlyList<Content>>> ReadHistoryAsync { get; init; }

    /// <summary>Gets the configuration of the turn. If null, the model uses its defaults.</summary>
    public GenerateContentConfig? Config { get; init; }

    /// <summary>
    /// Gets the start of the turn's attempt as a <see cref="TimeProvider.GetTimestamp"/> of this process. The route's total time limit counts from
    /// here. If null, it counts from the call.
    /// </summary>
    public long? TurnStartTimestamp { get; init; }

    /// <summary>Gets the chat ID for telemetry. It isn't sent to the model.</summary>
    public string? ConversationId { get; init; }

    /// <summary>
    /// Gets a callback for any data that arrives from the model, such as a fragment of function arguments or a comment in the stream, even if it
    /// doesn't produce a response. A stream without data counts as stalled. Any thread may call it.
    /// </summary>
    public Action? OnActivity { get; init; }

    /// <summary>Gets whether to stream the responses.</summary>
    public bool Stream { get; init; }
}
