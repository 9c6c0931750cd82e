using System.Globalization;

namespace GenAI.Chats.Models.Routing;

/// <summary>What a route may say of how its models are called.</summary>
internal static class CallRules
{
    private const int MaxAttempts = 100;
    private const int MaxCalls = 1_000_000;

    private static readonly TimeSpan MinBreak = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxTime = TimeSpan.FromDays(1);

    public static IEnumerable<string> Check(ModelRoute route, string key)
    {
        var (retry, limits, timeouts, breaker) = (route.Retry, route.Limits, route.Timeouts, route.CircuitBreaker);
        string?[] failures =
        [
            Count("Retry:MaxAttempts", retry.MaxAttempts, 1, MaxAttempts),
            Time("Retry:BaseDelay", retry.BaseDelay, TimeSpan.Zero),
            retry.MaxDelay < retry.BaseDelay
                ? $"{key}Retry:MaxDelay is '{retry.MaxDelay}': it must be at least Retry:BaseDelay, which is {retry.BaseDelay}."
                : Time("Retry:MaxDelay", retry.MaxDelay, TimeSpan.Zero),
            Count("Retry:MaxEmptyRetries", retry.MaxEmptyRetries, 0, MaxAttempts),
            Count("Limits:MaxConcurrentCalls", limits.MaxConcurrentCalls ?? 1, 1, MaxCalls),
            Count("Limits:MaxCallsPerMinute", limits.MaxCallsPerMinute ?? 1, 1, MaxCalls),
            Count("Limits:MaxWaitingCalls", limits.MaxWaitingCalls, 0, MaxCalls),
            Time("Timeouts:FirstChunk", timeouts.FirstChunk, TimeSpan.FromTicks(1)),
            Time("Timeouts:BetweenChunks", timeouts.BetweenChunks, TimeSpan.FromTicks(1)),
            Time("Timeouts:Total", timeouts.Total, TimeSpan.FromTicks(1)),
            Check("CircuitBreaker:FailureRatio", breaker.FailureRatio, breaker.FailureRatio is > 0 and <= 1, "more than 0 and at most 1"),
            Count("CircuitBreaker:MinimumThroughput", breaker.MinimumThroughput, 2, MaxCalls),
            Time("CircuitBreaker:SamplingDuration", breaker.SamplingDuration, MinBreak),
            Time("CircuitBreaker:BreakDuration", breaker.BreakDuration, MinBreak),
        ];
        return failures.OfType<string>();

        string? Count(string name, int value, int min, int max) =>
            Check(name, value, value >= min && value <= max, $"between {min} and {max}");

        string? Time(string name, TimeSpan value, TimeSpan min) => Check(
            name,
            value,
            value >= min && value <= MaxTime,
            min.Ticks switch
            {
                0 => $"between 0 and {MaxTime}",
                1 => $"more than 0 and at most {MaxTime}",
                _ => $"between {min} and {MaxTime}",
            });

        string? Check(string name, IFormattable value, bool holds, string rule) =>
            holds ? null : $"{key}{name} is '{value.ToString(null, CultureInfo.InvariantCulture)}': it must be {rule}.";
    }
}
