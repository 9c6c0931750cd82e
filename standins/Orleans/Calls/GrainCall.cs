using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>
/// A call of a grain method, from the copy of its arguments to the copy of its result. The caller gets its response at most once:
/// the result, an exception, a timeout or a cancellation, whichever is first; what comes later is dropped.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The source holds nothing to dispose, and the grain may keep its token.")]
internal sealed class GrainCall<TArguments, TResult> : PendingCall
{
    private readonly GrainMethod<TArguments, TResult> _method;
    private readonly TArguments _arguments;
    private readonly TaskCompletionSource<TResult>? _completion;
    private readonly CancellationTokenSource? _cancellation;
    private CancellationTokenRegistration _registration;
    private int _completed;
    private volatile bool _canceled;

    public GrainCall(GrainMethod<TArguments, TResult> method, GrainId target, TArguments arguments, bool isCancelable)
    {
        _method = method;
        _arguments = arguments;
        Target = target;
        ContextValues = RequestContext.Snapshot();
        if (!method.IsOneWay)
        {
            // Whoever waits goes on elsewhere: not in the middle of the grain's turn.
            _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        if (isCancelable)
        {
            _cancellation = new();
        }
    }

    public override GrainId Target { get; }

    public override bool IsAlwaysInterleave => _method.IsAlwaysInterleave;

    public override bool IsReadOnly => _method.IsReadOnly;

    public override bool MustNotRun => _canceled || (_method.Silo.DropExpiredMessages && _method.Timeouts.IsExpired(Since));

    public Task<TResult> Send(CancellationToken token)
    {
        if (token.CanBeCanceled)
        {
            _registration = token.UnsafeRegister(static (call, token) => ((GrainCall<TArguments, TResult>)call!).OnCanceled(token), this);
        }

        if (_completion is null)
        {
            Since = _method.Silo.MessagingClock.GetTimestamp();
            _method.Silo.Catalog.Dispatch(this);
            return GrainMethod<TArguments, TResult>.Completed;
        }

        _method.Timeouts.Add(this);
        if (Volatile.Read(ref _completed) != 0)
        {
            // Canceled between the two registrations, so the end did not see both.
            _method.Timeouts.Remove(this);
            _registration.Unregister();
        }
        else
        {
            _method.Silo.Catalog.Dispatch(this);
        }

        return _completion.Task;
    }

    public override async Task RunAsync(Activation activation)
    {
        RequestContext.Import(ContextValues);
        var result = default(TResult)!;
        Exception? failure = null;
        try
        {
            // Copied here, and not at the caller: the grain may change what it returned from its next turn on.
            result = _method.CopyResult(await _method.InvokeAsync(activation.GrainInstance!, _arguments, _cancellation?.Token ?? default));
        }
        catch (Exception exception)
        {
            failure = exception;
            activation.OnFailed(exception);
            if (_completion is null)
            {
                RuntimeLog.OneWayFailed(_method.Silo.Logger, exception, Target);
            }
        }

        // Whoever hears of the end finds the activation idle, or ending.
        activation.OnCompleted(this);
        if (failure is not null)
        {
            Fail(failure);
        }
        else if (TryComplete())
        {
            _completion?.SetResult(result);
        }
    }

    public override void Reject(Exception exception) => Fail(exception);

    public override void OnTimeout(TimeSpan timeout)
    {
        RuntimeLog.TimedOut(_method.Silo.Logger, Target, _method.Name, timeout);
        Fail(new TimeoutException($"Response did not arrive on time in {timeout} for {_method.Name} of {Target}."));
        if (_method.CancelOnTimeout)
        {
            CancelAtGrain();
        }
    }

    private void OnCanceled(CancellationToken token)
    {
        if (!_method.WaitForCancellationAcknowledgement)
        {
            Fail(new OperationCanceledException(token));
        }

        CancelAtGrain();
    }

    private void CancelAtGrain()
    {
        if (_cancellation is null)
        {
            return;
        }

        // Set before the look at the activation: either this sees it, or it sees this before it starts the request.
        _canceled = true;
        Interlocked.MemoryBarrier();
        if (Activation is not { } activation || activation.TryRemoveWaiting(this))
        {
            Fail(new OperationCanceledException());
            return;
        }

        // On the grain's scheduler, as what the grain registered with its token runs there and then.
        activation.Scheduler.QueueDetached(static source => ((CancellationTokenSource)source!).Cancel(), _cancellation);
    }

    private void Fail(Exception exception)
    {
        if (TryComplete())
        {
            _completion?.SetException(exception);
        }
    }

    private bool TryComplete()
    {
        if (Interlocked.Exchange(ref _completed, 1) != 0)
        {
            return false;
        }

        _method.Timeouts.Remove(this);
        _registration.Unregister();
        return true;
    }
}
