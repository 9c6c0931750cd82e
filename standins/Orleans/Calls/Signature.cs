using System.Linq.Expressions;
using System.Reflection;
using Orleans.Concurrency;

namespace Orleans.Runtime;

/// <summary>
/// What a grain method may look like: it returns a task, takes up to seven arguments, which travel as one tuple, and may take a
/// cancellation token last.
/// </summary>
internal static class Signature
{
    private const int MaxArguments = 7;

    public static bool HasToken(MethodInfo method) =>
        method.GetParameters() is [.., var last] && last.ParameterType == typeof(CancellationToken);

    public static Type ArgumentsType(MethodInfo method)
    {
        var types = method.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
        if (HasToken(method))
        {
            types = types[..^1];
        }

        if (types.Length > MaxArguments || types.Any(type => type.IsByRef || type == typeof(CancellationToken)) || method.IsGenericMethod)
        {
            throw Unsupported(method, "it may have up to seven arguments, by value, no type parameters, and one cancellation token, last");
        }

        return types.Length == 0 ? typeof(ValueTuple) : TupleType(types.Length).MakeGenericType(types);
    }

    /// <summary>The class that calls such a method.</summary>
    public static Type MethodType(MethodInfo method)
    {
        var arguments = ArgumentsType(method);
        var returns = method.ReturnType;
        if (returns == typeof(Task))
        {
            return typeof(TaskMethod<>).MakeGenericType(arguments);
        }

        if (returns == typeof(ValueTask))
        {
            return typeof(ValueTaskMethod<>).MakeGenericType(arguments);
        }

        var definition = returns.IsGenericType ? returns.GetGenericTypeDefinition() : null;
        var type = definition == typeof(Task<>) ? typeof(TaskMethod<,>)
            : definition == typeof(ValueTask<>) ? typeof(ValueTaskMethod<,>)
            : throw Unsupported(method, "it must return Task, Task<T>, ValueTask or ValueTask<T>");
        return method.IsDefined(typeof(OneWayAttribute))
            ? throw Unsupported(method, "a one-way method has no result")
            : type.MakeGenericType(arguments, returns.GetGenericArguments()[0]);
    }

    /// <summary>Compiles the call on the grain, so that none costs a look at its signature.</summary>
    public static Func<object, TArguments, CancellationToken, TReturn> CompileInvoker<TArguments, TReturn>(MethodInfo method)
    {
        var grain = Expression.Parameter(typeof(object));
        var arguments = Expression.Parameter(typeof(TArguments));
        var token = Expression.Parameter(typeof(CancellationToken));
        var values = typeof(TArguments).GetFields().OrderBy(field => field.Name, StringComparer.Ordinal)
            .Select(field => (Expression)Expression.Field(arguments, field));
        if (HasToken(method))
        {
            values = values.Append(token);
        }

        var call = Expression.Call(Expression.Convert(grain, method.DeclaringType!), method, values);
        return Expression.Lambda<Func<object, TArguments, CancellationToken, TReturn>>(call, grain, arguments, token).Compile();
    }

    private static Type TupleType(int arity) => arity switch
    {
        1 => typeof(ValueTuple<>),
        2 => typeof(ValueTuple<,>),
        3 => typeof(ValueTuple<,,>),
        4 => typeof(ValueTuple<,,,>),
        5 => typeof(ValueTuple<,,,,>),
        6 => typeof(ValueTuple<,,,,,>),
        _ => typeof(ValueTuple<,,,,,,>),
    };

    private static PlatformNotSupportedException Unsupported(MethodInfo method, string rule) =>
        new($"{method.DeclaringType}.{method.Name} cannot be called: {rule}. More needs the package Microsoft.Orleans.Server.");
}
