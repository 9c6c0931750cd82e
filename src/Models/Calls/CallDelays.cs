using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Calls;

/// <summary>How long to wait after failures.</summary>
internal static class CallDelays
{
    /// <summary>The wait after so many failures in a row, counted from 1: the base, doubled each time, at most the longest.</summary>
    public static TimeSpan After(int failures, RetryOptions options) =>
        Min(options.BaseDelay * Math.Pow(2, Math.Min(failures, 64) - 1), options.MaxDelay);

    /// <summary>The same, and up to a base delay more, so that calls that failed together do not come again together.</summary>
    public static TimeSpan WithJitter(int failures, RetryOptions options) =>
        Min(After(failures, options) + (options.BaseDelay * Random.Shared.NextDouble()), options.MaxDelay);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
