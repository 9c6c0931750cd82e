using GenAI.Chats.Models.Settings;

namespace GenAI.Chats.Models.Routing;

/// <summary>Checks the settings of a route that control how its models are called.</summary>
internal static class CallRules
{
    private const int MaxAttempts = 100;
    private const int MaxCalls = 1_000_000;

    private static readonly TimeSpan MinBreak = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxTime = TimeSpan.FromDays(1);

    public static void Check(SettingsCheck check, ModelRoute route, string key)
    {
        var (retry, limits, timeouts, breaker) = (route.Retry, route.Limits, route.Timeouts, route.CircuitBreaker);
        Count("Retry:MaxAttempts", retry.MaxAttempts, 1, MaxAttempts);
        Time("Retry:BaseDelay", retry.BaseDelay, TimeSpan.Zero);
        if (retry.MaxDelay < retry.BaseDelay)
        {
            check.Require(false, $"{key}Retry:MaxDelay", retry.MaxDelay, $"at least Retry:BaseDelay ({retry.BaseDelay})");
        }
        else
        {
            Time("Retry:MaxDelay", retry.MaxDelay, TimeSpan.Zero);
        }

        Count("Retry:MaxEmptyRetries", retry.MaxEmptyRetries, 0, MaxAttempts);
        Count("Limits:MaxConcurrentCalls", limits.MaxConcurrentCalls ?? 1, 1, MaxCalls);
        Count("Limits:MaxCallsPerMinute", limits.MaxCallsPerMinute ?? 1, 1, MaxCalls);
        Count("Limits:MaxWaitingCalls", limits.MaxWaitingCalls, 0, MaxCalls);
        Time("Timeouts:FirstChunk", timeouts.FirstChunk, TimeSpan.FromTicks(1));
        Time("Timeouts:BetweenChunks", timeouts.BetweenChunks, TimeSpan.FromTicks(1));
        Time("Timeouts:Total", timeouts.Total, TimeSpan.FromTicks(1));
        check.Require(
            breaker.FailureRatio is > 0 and <= 1, $"{key}CircuitBreaker:FailureRatio", breaker.FailureRatio, "more than 0 and at most 1");
        Count("CircuitBreaker:MinimumThroughput", breaker.MinimumThroughput, 2, MaxCalls);
        Time("CircuitBreaker:SamplingDuration", breaker.SamplingDuration, MinBreak);
        Time("CircuitBreaker:BreakDuration", breaker.BreakDuration, MinBreak);

        void Count(string name, int value, int min, int max) => check.RequireBetween(key + name, value, min, max);

        void Time(string name, TimeSpan value, TimeSpan min) => check.Require(
            value >= min && value <= MaxTime,
            key + name,
            value,
            min.Ticks switch
            {
                0 => $"between 0 and {MaxTime}",
                1 => $"more than 0 and at most {MaxTime}",
                _ => $"between {min} and {MaxTime}",
            });
    }
}
