using GenAI.Chats.Models.Tests.Cycles.One;
using GenAI.Chats.Models.Tests.Cycles.Two;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.Models.Tests
{
    public sealed class NamespaceCyclesTests
    {
        [Theory]
        [InlineData(typeof(InBase))]
        [InlineData(typeof(InField))]
        [InlineData(typeof(InParameter))]
        [InlineData(typeof(InResult))]
        [InlineData(typeof(InBody))]
        [InlineData(typeof(InCall))]
        [InlineData(typeof(InTypeArgument))]
        [InlineData(typeof(InConstraint))]
        [InlineData(typeof(InAttribute))]
        [InlineData(typeof(InAsyncMethod))]
        [InlineData(typeof(InLambda))]
        [InlineData(typeof(InNestedType))]
        public void Find_TwoNamespacesUseEachOther_DescribesTheCycle(Type user)
        {
            var description = Assert.Single(Find(user));

            Assert.StartsWith(
                $"{user.Namespace} -> {typeof(Target).Namespace} -> {user.Namespace}{Environment.NewLine}", description);
            Assert.Contains($"{typeof(Target).FullName}.Users uses {user.FullName}", description);
        }

        [Fact]
        public void Find_NamespacesUseEachOtherInOneDirection_IsEmpty() => Assert.Empty(Find(typeof(Nowhere)));

        private static IReadOnlyList<string> Find(Type user) => NamespaceCycles.Find(
        [
            .. user.Assembly.GetTypes().Where(type => type == user || type.DeclaringType == user || type.DeclaringType?.DeclaringType == user),
            typeof(Target),
        ]);
    }
}

namespace GenAI.Chats.Models.Tests.Cycles.One
{
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
