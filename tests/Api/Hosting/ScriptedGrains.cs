using System.Reflection;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>A cluster that does what a test says, for what a whole one does only when it breaks.</summary>
public class ScriptedGrains : DispatchProxy
{
    private Func<string, object?[], object> _answer = null!;

    /// <summary>A cluster in which every grain's methods are answered by one function, which gets the method's name.</summary>
    internal static IGrainFactory Of(Func<string, object> answer) => Of<IGrainFactory>((method, _) => answer(method));

    /// <summary>The same, with a function that also gets the arguments.</summary>
    internal static IGrainFactory OfCalls(Func<string, object?[], object> answer) => Of<IGrainFactory>(answer);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == nameof(IGrainFactory.GetGrain)
            ? typeof(ScriptedGrains).GetMethod(
                nameof(Of), 1, BindingFlags.NonPublic | BindingFlags.Static, null, [typeof(Func<string, object?[], object>)], null)!
                .MakeGenericMethod(targetMethod.ReturnType).Invoke(null, [_answer])
            : _answer(targetMethod.Name, args!);

    private static T Of<T>(Func<string, object?[], object> answer)
        where T : class
    {
        var proxy = Create<T, ScriptedGrains>();
        ((ScriptedGrains)(object)proxy)._answer = answer;
        return proxy;
    }
}
