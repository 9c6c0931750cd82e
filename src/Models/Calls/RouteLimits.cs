using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Calls;

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
