namespace GenAI.Chats.Client;

/// <summary>Checks options. Messages name the option, its value, and the rule.</summary>
internal static class OptionCheck
{
    public const string TimeoutRule = "more than zero and at most 24 days, or Timeout.InfiniteTimeSpan";

    public static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(24);

    public static bool IsTimeout(TimeSpan value) => value == Timeout.InfiniteTimeSpan || (value > TimeSpan.Zero && value <= LongestTimeout);

    /// <summary>Throws unless an option is valid.</summary>
    /// <exception cref="ArgumentException">The option is invalid.</exception>
    public static void Require(bool isValid, string options, string key, object? value, string rule)
    {
        if (!isValid)
        {
            throw new ArgumentException($"{options}.{key}: invalid value '{value}'. Expected: {rule}.");
        }
    }
}
