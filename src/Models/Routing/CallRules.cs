namespace GenAI.Chats.Models.Routing;

/// <summary>Rules for how a route calls its models.</summary>
internal static class CallRules
{
    private const int MaxAttempts = 100;
    private const int MaxCalls = 1_000_000;

    private static readonly TimeSpan MinBreak = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxTime = TimeSpan.FromDays(1);

    public static IEnumerable<string?> Check(ModelRoute route, string key)
    {
        var (retry, limits, timeouts, breaker) = (route.Retry, route.Limits, route.Timeouts, route.CircuitBreaker);
        return
        [
            Between("Retry:MaxAttempts", retry.MaxAttempts, 1, MaxAttempts),
            Between("Retry:BaseDelay", retry.BaseDelay, TimeSpan.Zero, MaxTime),
            retry.MaxDelay < retry.BaseDelay
                ? Is("Retry:MaxDelay", retry.MaxDelay, false, $"at least Retry:BaseDelay ({retry.BaseDelay})")
                : Between("Retry:MaxDelay", retry.MaxDelay, TimeSpan.Zero, MaxTime),
            Between("Retry:MaxEmptyRetries", retry.MaxEmptyRetries, 0, MaxAttempts),
            Between("Limits:MaxConcurrentCalls", limits.MaxConcurrentCalls ?? 1, 1, MaxCalls),
            Between("Limits:MaxCallsPerMinute", limits.MaxCallsPerMinute ?? 1, 1, MaxCalls),
            Between("Limits:MaxWaitingCalls", limits.MaxWaitingCalls, 0, MaxCalls),
            Time("Timeouts:FirstChunk", timeouts.FirstChunk),
            Time("Timeouts:BetweenChunks", timeouts.BetweenChunks),
            Time("Timeouts:Total", timeouts.Total),
            Is("CircuitBreaker:FailureRatio", breaker.FailureRatio, breaker.FailureRatio is > 0 and <= 1, "greater than 0 and at most 1"),
            Between("CircuitBreaker:MinimumThroughput", breaker.MinimumThroughput, 2, MaxCalls),
            Between("CircuitBreaker:SamplingDuration", breaker.SamplingDuration, MinBreak, MaxTime),
            Between("CircuitBreaker:BreakDuration", breaker.BreakDuration, MinBreak, MaxTime),
        ];

        string? Is(string name, object value, bool isValid, string rule) => SettingRules.Check(key + name, value, isValid, rule);

        string? Between<T>(string name, T value, T min, T max)
            where T : struct, IComparable<T> =>
            Is(name, value, value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0, $"between {min} and {max}");

        string? Time(string name, TimeSpan value) =>
            Is(name, value, value > TimeSpan.Zero && value <= MaxTime, $"greater than 0 and at most {MaxTime}");
    }
}
