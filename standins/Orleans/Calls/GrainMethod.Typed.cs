using System.Reflection;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>The method with the types of its arguments, as one tuple, and of its result.</summary>
internal abstract class GrainMethod<TArguments, TResult> : GrainMethod
{
    private readonly Copier<TArguments> _copyArguments;
    private readonly Copier<TResult> _copyResult;

    protected GrainMethod(MethodInfo method, GrainFactory factory) : base(method, factory)
    {
        _copyArguments = factory.Silo.Copiers.Get<TArguments>();
        _copyResult = factory.Silo.Copiers.Get<TResult>();
    }

    public static Task<TResult> Completed { get; } = Task.FromResult<TResult>(default!);

    public abstract ValueTask<TResult> InvokeAsync(object grain, TArguments arguments, CancellationToken token);

    public TResult CopyResult(TResult result) => _copyResult.Copy(result);

    protected Task<TResult> Send(GrainReference target, TArguments arguments, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        var isCancelable = token.CanBeCanceled || CancelOnTimeout;
        return new GrainCall<TArguments, TResult>(this, target.GrainId, _copyArguments.Copy(arguments), isCancelable).Send(token);
    }
}

internal sealed class TaskMethod<TArguments>(MethodInfo method, GrainFactory factory) : GrainMethod<TArguments, ValueTuple>(method, factory)
{
    private readonly Func<object, TArguments, CancellationToken, Task> _invoke = Signature.CompileInvoker<TArguments, Task>(method);

    public Task Call(GrainReference target, TArguments arguments, CancellationToken token) => Send(target, arguments, token);

    public override ValueTask<ValueTuple> InvokeAsync(object grain, TArguments arguments, CancellationToken token)
    {
        var task = _invoke(grain, arguments, token);
        return task.IsCompletedSuccessfully ? default : Await(task);

        static async ValueTask<ValueTuple> Await(Task task)
        {
            await task;
            return default;
        }
    }
}

internal sealed class TaskMethod<TArguments, TResult>(MethodInfo method, GrainFactory factory)
    : GrainMethod<TArguments, TResult>(method, factory)
{
    private readonly Func<object, TArguments, CancellationToken, Task<TResult>> _invoke =
        Signature.CompileInvoker<TArguments, Task<TResult>>(method);

    public Task<TResult> Call(GrainReference target, TArguments arguments, CancellationToken token) => Send(target, arguments, token);

    public override ValueTask<TResult> InvokeAsync(object grain, TArguments arguments, CancellationToken token) =>
        new(_invoke(grain, arguments, token));
}

internal sealed class ValueTaskMethod<TArguments>(MethodInfo method, GrainFactory factory)
    : GrainMethod<TArguments, ValueTuple>(method, factory)
{
    private readonly Func<object, TArguments, CancellationToken, ValueTask> _invoke =
        Signature.CompileInvoker<TArguments, ValueTask>(method);

    public ValueTask Call(GrainReference target, TArguments arguments, CancellationToken token) => new(Send(target, arguments, token));

    public override ValueTask<ValueTuple> InvokeAsync(object grain, TArguments arguments, CancellationToken token)
    {
        var task = _invoke(grain, arguments, token);
        return task.IsCompletedSuccessfully ? default : Await(task);

        static async ValueTask<ValueTuple> Await(ValueTask task)
        {
            await task;
            return default;
        }
    }
}

internal sealed class ValueTaskMethod<TArguments, TResult>(MethodInfo method, GrainFactory factory)
    : GrainMethod<TArguments, TResult>(method, factory)
{
    private readonly Func<object, TArguments, CancellationToken, ValueTask<TResult>> _invoke =
        Signature.CompileInvoker<TArguments, ValueTask<TResult>>(method);

    public ValueTask<TResult> Call(GrainReference target, TArguments arguments, CancellationToken token) =>
        new(Send(target, arguments, token));

    public override ValueTask<TResult> InvokeAsync(object grain, TArguments arguments, CancellationToken token) =>
        _invoke(grain, arguments, token);
}
