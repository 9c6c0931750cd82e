namespace GenAI.Chats.Models.Routing;

/// <summary>How long a turn waits for its model: key <c>Timeouts</c> of a route.</summary>
public sealed record CallTimeoutOptions
{
    /// <summary>
    /// How long a streamed call may take to its first chunk; beyond, it has stalled. A unary call has no chunks. Default 2 min.
    /// </summary>
    public TimeSpan FirstChunk { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a streamed call may take from a chunk to the next; beyond, it has stalled. Default 1 min.</summary>
    public TimeSpan BetweenChunks { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a turn's attempt may take with all of its calls, retries and waits. Default 10 min.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromMinutes(10);
}
