using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Calls;

/// <summary>Decides when a <see cref="CallGate"/> admits calls. The gate makes one call of this interface at a time.</summary>
internal interface ICallLimits
{
    /// <summary>Returns how long the next call must wait: zero if it needn't, infinite if it must wait until another call leaves.</summary>
    /// <param name="running">The number of admitted calls.</param>
    TimeSpan WaitFor(int running);

    /// <summary>Records that a call was admitted.</summary>
    void Entered()
    {
    }

    /// <summary>Records that the target responds to an admitted call.</summary>
    /// <param name="answered">The number of admitted calls with a response, including this one.</param>
    void Accepted(int answered)
    {
    }

    /// <summary>Records that the target rejected an admitted call because of its load.</summary>
    /// <param name="delay">The delay that the target asked for, if any.</param>
    /// <param name="running">The number of other admitted calls.</param>
    /// <param name="isNew">Whether the call was admitted after the last rejection. Calls that run together are rejected together.</param>
    /// <param name="isFirst">Whether it is the first attempt of the call. Further attempts tell nothing new.</param>
    /// <returns>Whether throttling started with this rejection.</returns>
    bool Refused(TimeSpan? delay, int running, bool isNew, bool isFirst) => false;
}

/// <summary>The configured limits of a route.</summary>
internal sealed class RouteLimits(CallLimitOptions options, TimeProvider time) : ICallLimits
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Start times of the calls of the last minute.
    private readonly Queue<long> _started = [];

    /// <inheritdoc/>
    public TimeSpan WaitFor(int running)
    {
        if (running >= options.MaxConcurrentCalls)
        {
            return Timeout.InfiniteTimeSpan;
        }

        while (_started.TryPeek(out var oldest) && time.GetElapsedTime(oldest) >= Minute)
        {
            _started.Dequeue();
        }

        return _started.Count >= options.MaxCallsPerMinute ? Minute - time.GetElapsedTime(_started.Peek()) : TimeSpan.Zero;
    }

    /// <inheritdoc/>
    public void Entered()
    {
        if (options.MaxCallsPerMinute is not null)
        {
            _started.Enqueue(time.GetTimestamp());
        }
    }
}
