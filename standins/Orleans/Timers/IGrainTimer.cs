using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>A timer of an activation. It ends with the activation.</summary>
    public interface IGrainTimer : IDisposable
    {
        void Change(TimeSpan dueTime, TimeSpan period);
    }

    public readonly struct GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
    {
        public TimeSpan DueTime { get; init; } = dueTime;

        /// <summary>The time from the end of one tick to the next.</summary>
        public TimeSpan Period { get; init; } = period;

        /// <summary>Whether ticks run beside requests. If not, a tick waits its turn like any request.</summary>
        public bool Interleave { get; init; }

        /// <summary>Whether a tick counts as use of the activation.</summary>
        public bool KeepAlive { get; init; }
    }
}

namespace Orleans.Timers
{
    public interface ITimerRegistry
    {
        IGrainTimer RegisterGrainTimer<TState>(
            IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options);
    }
}
