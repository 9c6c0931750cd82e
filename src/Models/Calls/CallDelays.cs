using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Calls;

/// <summary>The delays after failures.</summary>
internal static class CallDelays
{
    /// <summary>Returns the base delay, doubled for each further failure, up to the maximum.</summary>
    /// <param name="failures">The number of consecutive failures, at least 1.</param>
    /// <param name="options">The base and maximum delay.</param>
    public static TimeSpan After(int failures, RetryOptions options) =>
        Min(options.BaseDelay * Math.Pow(2, Math.Min(failures, 64) - 1), options.MaxDelay);

    /// <summary>Returns the same with up to one base delay added, so that calls that failed together don't return together.</summary>
    public static TimeSpan WithJitter(int failures, RetryOptions options) =>
        Min(After(failures, options) + (options.BaseDelay * Random.Shared.NextDouble()), options.MaxDelay);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
