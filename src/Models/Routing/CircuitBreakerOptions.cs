namespace GenAI.Chats.Models.Routing;

/// <summary>
/// When a target that fails often is left alone: key <c>CircuitBreaker</c> of a route. It counts failures that say that a target is not
/// well: UNAVAILABLE and DEADLINE_EXCEEDED before the first content.
/// </summary>
public sealed record CircuitBreakerOptions
{
    /// <summary>Which share of the calls has to fail: more than 0, at most 1. Default 0.5.</summary>
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>Of at least how many calls. At least 2. Default 10.</summary>
    public int MinimumThroughput { get; init; } = 10;

    /// <summary>Within which time. Default 30 s.</summary>
    public TimeSpan SamplingDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the target is left alone. Then one call tries it. Default 15 s.</summary>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(15);
}
