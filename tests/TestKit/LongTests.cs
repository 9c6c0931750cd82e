using System.Reflection;
using Xunit;
using Xunit.Sdk;

namespace GenAI.Chats.TestKit;

/// <summary>A test that runs only in <c>./test --long</c>.</summary>
public sealed class LongFactAttribute : FactAttribute
{
    public LongFactAttribute() => Skip = LongTests.Reason;
}

/// <summary>A test with data that runs only in <c>./test --long</c>.</summary>
public sealed class LongTheoryAttribute : TheoryAttribute
{
    public LongTheoryAttribute() => Skip = LongTests.Reason;
}

/// <summary>A row of data of a test that runs only in <c>./test --long</c>.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class LongInlineDataAttribute(params object?[] data) : DataAttribute
{
    public override IEnumerable<object?[]> GetData(MethodInfo testMethod) => Suite.IsLong ? [data] : [];
}

/// <summary>Tests of long runs.</summary>
public static class LongTests
{
    /// <summary>Why they are skipped, if they are.</summary>
    public static string? Reason { get; } = Suite.IsLong ? null : "Runs in ./test --long.";
}
