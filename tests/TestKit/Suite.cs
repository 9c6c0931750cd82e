namespace GenAI.Chats.TestKit;

/// <summary>How much is tested. <c>./test --long</c>, which CI runs, kills more servers at more points, and has all stores and more clients.</summary>
public static class Suite
{
    /// <summary>Whether this is a long run.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("CHATS_TEST_LONG") == "1";

    /// <summary>The number that fits the run.</summary>
    public static int Pick(int usual, int inLongRuns) => IsLong ? inLongRuns : usual;
}
