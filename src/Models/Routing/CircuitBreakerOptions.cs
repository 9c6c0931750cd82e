namespace GenAI.Chats.Models.Routing;

/// <summary>
/// The circuit breaker of each target: key <c>CircuitBreaker</c> of a route. It counts UNAVAILABLE and DEADLINE_EXCEEDED failures before the first
/// content.
/// </summary>
public sealed record CircuitBreakerOptions
{
    /// <summary>Gets the share of failed calls that opens the circuit: greater than 0 and at most 1.</summary>
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>Gets the minimum number of calls within the sampling duration: at least 2.</summary>
    public int MinimumThroughput { get; init; } = 10;

    /// <summary>Gets the time over which calls are counted.</summary>
    public TimeSpan SamplingDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how long the circuit stays open. Then one call probes the target.</summary>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(15);
}
