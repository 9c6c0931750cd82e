using Orleans.Runtime;

namespace Orleans.Timers;

/// <summary>A timer of an activation: each tick is a request of the activation to itself, whose end sets the next one.</summary>
internal abstract class GrainTimer : IGrainTimer
{
    private readonly CancellationTokenSource _disposed = new();
    private readonly Activation _activation;
    private readonly Tick _tick;
    private readonly ITimer _timer;
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private volatile bool _firing;
    private bool _changed;

    protected GrainTimer(Activation activation, TimeProvider clock, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _tick = new Tick(this, options);
        if (ExecutionContext.IsFlowSuppressed())
        {
            _timer = Create(clock);
        }
        else
        {
            using (ExecutionContext.SuppressFlow())
            {
                _timer = Create(clock);
            }
        }
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Validate(dueTime);
        Validate(period);
        _changed = true;
        _dueTime = dueTime;
        _period = period;
        if (!_firing)
        {
            Set(dueTime);
        }
    }

    public void Dispose()
    {
        if (!_disposed.IsCancellationRequested)
        {
            _disposed.Cancel();
            _timer.Dispose();
            _activation.RemoveTimer(this);
        }
    }

    protected abstract Task InvokeAsync(CancellationToken token);

    private static void Validate(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan((long)time.TotalMilliseconds, -1, nameof(time));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)time.TotalMilliseconds, uint.MaxValue - 1, nameof(time));
    }

    private ITimer Create(TimeProvider clock) =>
        clock.CreateTimer(static timer => ((GrainTimer)timer!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private void OnDue()
    {
        _firing = true;
        _activation.Receive(_tick);
    }

    private async Task TickAsync(Activation activation)
    {
        RequestContext.Import(null);
        try
        {
            _changed = false;
            await InvokeAsync(_disposed.Token);
        }
        catch (Exception exception)
        {
            RuntimeLog.TimerFailed(activation.Logger, exception, activation.GrainId);
            activation.OnFailed(exception);
        }
        finally
        {
            Set(_changed ? _dueTime : _period);
            _firing = false;
            activation.OnCompleted(_tick);
        }
    }

    private void Set(TimeSpan due)
    {
        if (!_disposed.IsCancellationRequested)
        {
            // A timer that is disposed between the two says false; there is nothing left to set.
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Tick(GrainTimer timer, GrainTimerCreationOptions options) : Request
    {
        public override GrainId Target => timer._activation.GrainId;

        public override bool IsAlwaysInterleave => options.Interleave;

        public override bool IsReadOnly => false;

        public override bool IsKeepAlive => options.KeepAlive;

        public override bool IsLocalOnly => true;

        public override bool MustNotRun => timer._disposed.IsCancellationRequested;

        public override Task RunAsync(Activation activation) => timer.TickAsync(activation);

        public override void Reject(Exception exception)
        {
        }
    }
}

internal sealed class GrainTimer<TState>(
    Activation activation,
    TimeProvider clock,
    Func<TState, CancellationToken, Task> callback,
    TState state,
    GrainTimerCreationOptions options)
    : GrainTimer(activation, clock, options)
{
    protected override Task InvokeAsync(CancellationToken token) => callback(state, token);
}
