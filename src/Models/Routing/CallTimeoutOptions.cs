namespace GenAI.Chats.Models.Routing;

/// <summary>The time limits of a route: key <c>Timeouts</c> of a route.</summary>
public sealed record CallTimeoutOptions
{
    /// <summary>Gets the maximum time until the first chunk of a stream. After that, the stream counts as stalled. Unary calls have no chunks.</summary>
    public TimeSpan FirstChunk { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets the maximum time between chunks of a stream. After that, the stream counts as stalled.</summary>
    public TimeSpan BetweenChunks { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets the maximum duration of a turn's attempt, including all its calls, retries, and delays.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromMinutes(10);
}
