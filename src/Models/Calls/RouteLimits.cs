using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Calls;

/// <summary>The limits that a route sets itself.</summary>
internal sealed class RouteLimits(CallLimitOptions options, TimeProvider time) : ICallAdmission
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // When the calls of the last minute began.
    private readonly Queue<long> _begun = [];

    /// <inheritdoc/>
    public TimeSpan WaitFor(int running)
    {
        if (running >= options.MaxConcurrentCalls)
        {
            return Timeout.InfiniteTimeSpan;
        }

        while (_begun.TryPeek(out var oldest) && time.GetElapsedTime(oldest) >= Minute)
        {
            _begun.Dequeue();
        }

        return _begun.Count >= options.MaxCallsPerMinute ? Minute - time.GetElapsedTime(_begun.Peek()) : TimeSpan.Zero;
    }

    /// <inheritdoc/>
    public void Entered()
    {
        if (options.MaxCallsPerMinute is not null)
        {
            _begun.Enqueue(time.GetTimestamp());
        }
    }

    /// <inheritdoc/>
    public void Accepted(int answered)
    {
        // Limits of our own do not move.
    }

    /// <inheritdoc/>
    public bool Refused(TimeSpan? delay, int running, bool isNew, bool isFirst) => false;
}
