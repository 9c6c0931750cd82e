using GenAI.Chats.TestKit;

namespace GenAI.Chats.Models.Tests
{
    public sealed class NamespaceCyclesTests
    {
        [Theory]
        [InlineData(typeof(Cycles.One.InBase))]
        [InlineData(typeof(Cycles.One.InField))]
        [InlineData(typeof(Cycles.One.InParameter))]
        [InlineData(typeof(Cycles.One.InResult))]
        [InlineData(typeof(Cycles.One.InBody))]
        [InlineData(typeof(Cycles.One.InCall))]
        [InlineData(typeof(Cycles.One.InTypeArgument))]
        [InlineData(typeof(Cycles.One.InConstraint))]
        [InlineData(typeof(Cycles.One.InAttribute))]
        [InlineData(typeof(Cycles.One.InAsyncMethod))]
        [InlineData(typeof(Cycles.One.InLambda))]
        [InlineData(typeof(Cycles.One.InNestedType))]
        public void Find_TwoNamespacesUseEachOther_DescribesTheCycle(Type user)
        {
            var description = Assert.Single(Find(user));

            Assert.StartsWith(
                $"{user.Namespace} -> {typeof(Cycles.Two.Target).Namespace} -> {user.Namespace}{Environment.NewLine}", description);
            Assert.Contains($"{typeof(Cycles.Two.Target).FullName}.Users uses {user.FullName}", description);
        }

        [Fact]
        public void Find_NamespacesUseEachOtherInOneDirection_IsEmpty() => Assert.Empty(Find(typeof(Cycles.One.Nowhere)));

        private static IReadOnlyList<string> Find(Type user) => NamespaceCycles.Find(
        [
            .. user.Assembly.GetTypes().Where(type => type == user || type.DeclaringType == user || type.DeclaringType?.DeclaringType == user),
            typeof(Cycles.Two.Target),
        ]);
    }
}

namespace GenAI.Chats.Models.Tests.Cycles.One
{
    using GenAI.Chats.Models.Tests.Cycles.Two;

    internal sealed class InBase : Target;

    internal sealed class InField
    {
        internal readonly Target Value = new();
    }

    internal static class InParameter
    {
        internal static string Use(Target? target) => $"{target}";
    }

    internal static class InResult
    {
        internal static Target? Get() => null;
    }

    internal static class InBody
    {
        internal static object Create() => new Target();
    }

    internal static class InCall
    {
        internal static string Call() => $"{Target.Users().Length}";
    }

    internal static class InTypeArgument
    {
        internal static object Create() => new List<Target[]>();
    }

    internal static class InConstraint
    {
        internal static string Use<T>(T value)
            where T : Target => $"{value}";
    }

    [System.ComponentModel.TypeConverter(typeof(Target))]
    internal static class InAttribute;

    internal static class InAsyncMethod
    {
        internal static async Task<object> CreateAsync()
        {
            await Task.Yield();
            return new Target();
        }
    }

    internal static class InLambda
    {
        internal static Func<object> Create(int count) => () => count > 0 ? new Target() : count;
    }

    internal static class InNestedType
    {
        internal static class Nested
        {
            internal static object Create() => new Target();
        }
    }

    internal static class Nowhere;
}

namespace GenAI.Chats.Models.Tests.Cycles.Two
{
    using GenAI.Chats.Models.Tests.Cycles.One;

    internal class Target
    {
        internal static object[] Users() =>
        [
            new InBase(), new InField().Value, typeof(InField), typeof(InParameter), typeof(InResult), typeof(InBody), typeof(InCall),
            typeof(InTypeArgument), typeof(InConstraint), typeof(InAttribute), typeof(InAsyncMethod), typeof(InLambda), typeof(InNestedType),
            typeof(Nowhere),
        ];
    }
}
