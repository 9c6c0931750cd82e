using Orleans.Runtime;

namespace Orleans.Timers;

internal sealed class TimerRegistry(TimeProvider clock) : ITimerRegistry
{
    public IGrainTimer RegisterGrainTimer<TState>(
        IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var activation = (Activation)grainContext;
        if (RuntimeContext.Current != activation)
        {
            throw new InvalidOperationException("A timer is registered by code that runs on its own grain; what Task.Run runs does not.");
        }

        var timer = new GrainTimer<TState>(activation, clock, callback, state, options);
        if (!activation.TryAddTimer(timer))
        {
            timer.Dispose();
            return timer;
        }

        timer.Change(options.DueTime, options.Period);
        return timer;
    }
}
