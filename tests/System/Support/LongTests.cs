namespace GenAI.Chats.SystemTests.Support;

/// <summary>A test that runs only in <c>./test --long</c>.</summary>
internal sealed class LongFactAttribute : FactAttribute
{
    public LongFactAttribute() => Skip = LongTests.Reason;
}

/// <summary>A test with data that runs only in <c>./test --long</c>.</summary>
internal sealed class LongTheoryAttribute : TheoryAttribute
{
    public LongTheoryAttribute() => Skip = LongTests.Reason;
}

/// <summary>Tests of long runs.</summary>
internal static class LongTests
{
    /// <summary>Why they are skipped, if they are.</summary>
    public static string? Reason { get; } = Suite.IsLong ? null : "Runs in ./test --long.";
}
