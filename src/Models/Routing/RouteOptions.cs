namespace GenAI.Chats.Models.Routing;

/// <summary>
/// The retries of failed calls: key <c>Retry</c> of a route. Only failures that can pass are retried, and only before the model's first content.
/// </summary>
public sealed record RetryOptions
{
    /// <summary>
    /// Gets the maximum number of attempts, including the first, 1 to 100. With 1, calls aren't retried, and don't wait because the target throttled others.
    /// </summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Gets the delay before the second attempt, at most 1 day. It doubles for each further attempt. Up to one base delay of jitter is added.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the maximum delay, from <see cref="BaseDelay"/> to 1 day. A model can ask for a longer one.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets how often a model is called again if it says STOP and nothing else, 0 to 100.</summary>
    public int MaxEmptyRetries { get; init; } = 2;

    /// <summary>Returns the delay after a number of consecutive failures, without jitter.</summary>
    internal TimeSpan DelayAfter(int failures) => Min(BaseDelay * Math.Pow(2, Math.Min(failures, 64) - 1), MaxDelay);

    /// <summary>Returns the delay with jitter, so that calls that failed together don't return together.</summary>
    internal TimeSpan DelayWithJitter(int failures) => Min(DelayAfter(failures) + (BaseDelay * Random.Shared.NextDouble()), MaxDelay);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

/// <summary>The limits of a route for all chats of this server together: key <c>Limits</c> of a route. Further calls wait in order of arrival.</summary>
public sealed record CallLimitOptions
{
    /// <summary>Gets the maximum number of concurrent calls, 1 to 1,000,000. A stream counts until its end. If unset, unlimited.</summary>
    public int? MaxConcurrentCalls { get; init; }

    /// <summary>Gets the maximum number of calls that start within 60 s, 1 to 1,000,000. If unset, unlimited.</summary>
    public int? MaxCallsPerMinute { get; init; }

    /// <summary>Gets the maximum number of waiting calls, 0 to 1,000,000. Further calls fail with MODEL_OVERLOADED.</summary>
    public int MaxWaitingCalls { get; init; } = 1000;
}

/// <summary>The time limits of a route: key <c>Timeouts</c> of a route.</summary>
public sealed record CallTimeoutOptions
{
    /// <summary>Gets the maximum time until the first chunk of a stream, at most 1 day. After that, the stream counts as stalled. Unary calls have no chunks.</summary>
    public TimeSpan FirstChunk { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets the maximum time between chunks of a stream, at most 1 day. After that, the stream counts as stalled.</summary>
    public TimeSpan BetweenChunks { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets the maximum duration of a turn's attempt, including all its calls, retries, and delays; at most 1 day.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>
/// The circuit breaker of each target: key <c>CircuitBreaker</c> of a route. It counts UNAVAILABLE and DEADLINE_EXCEEDED failures before the first
/// content.
/// </summary>
public sealed record CircuitBreakerOptions
{
    /// <summary>Gets the share of failed calls that opens the circuit, greater than 0 and at most 1.</summary>
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>Gets the minimum number of calls within the sampling duration, 2 to 1,000,000.</summary>
    public int MinimumThroughput { get; init; } = 10;

    /// <summary>Gets the time over which calls are counted, 0.5 s to 1 day.</summary>
    public TimeSpan SamplingDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how long the circuit stays open, 0.5 s to 1 day. Then one call probes the target.</summary>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(15);
}
