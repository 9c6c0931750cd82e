namespace Orleans.Runtime;

/// <summary>
/// The pending calls that have one and the same timeout, so the oldest is the next to time out and one timer serves all. It is set
/// for the oldest call and not touched when calls end, so a call costs two list operations.
/// </summary>
internal sealed class TimeoutList(TimeSpan timeout, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private PendingCall? _first;
    private PendingCall? _last;
    private ITimer? _timer;
    private bool _armed;

    public TimeSpan Timeout => timeout;

    public bool IsExpired(long since) => timeout >= TimeSpan.Zero && clock.GetElapsedTime(since) >= timeout;

    public void Add(PendingCall call)
    {
        lock (_lock)
        {
            call.Since = clock.GetTimestamp();
            call.Previous = _last;
            call.IsListed = true;
            _ = _last is null ? _first = call : _last.Next = call;
            _last = call;
            if (!_armed && timeout >= TimeSpan.Zero)
            {
                Arm(timeout);
            }
        }
    }

    public void Remove(PendingCall call)
    {
        lock (_lock)
        {
            if (!call.IsListed)
            {
                return;
            }

            call.IsListed = false;
            _ = call.Previous is null ? _first = call.Next : call.Previous.Next = call.Next;
            _ = call.Next is null ? _last = call.Previous : call.Next.Previous = call.Previous;
            call.Previous = call.Next = null;
        }
    }

    /// <summary>Takes out all that is pending.</summary>
    public List<PendingCall> TakeAll() => Take(static (_, _) => true);

    private void OnTimer()
    {
        var expired = Take(static (list, call) => list.IsExpired(call.Since));
        lock (_lock)
        {
            _armed = false;
            if (_first is not null)
            {
                Arm(timeout - clock.GetElapsedTime(_first.Since));
            }
        }

        foreach (var call in expired)
        {
            call.OnTimeout(timeout);
        }
    }

    private List<PendingCall> Take(Func<TimeoutList, PendingCall, bool> condition)
    {
        List<PendingCall> taken = [];
        lock (_lock)
        {
            while (_first is { } call && condition(this, call))
            {
                taken.Add(call);
                Remove(call);
            }
        }

        return taken;
    }

    private void Arm(TimeSpan due)
    {
        _armed = true;

        // Timers count whole milliseconds; one that is early by a part of one would find nothing to do.
        due = due < TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(due.TotalMilliseconds));
        if (_timer is not null)
        {
            _timer.Change(due, System.Threading.Timeout.InfiniteTimeSpan);
            return;
        }

        var suppressed = ExecutionContext.IsFlowSuppressed();
        var flow = suppressed ? default : ExecutionContext.SuppressFlow();
        try
        {
            _timer = clock.CreateTimer(static list => ((TimeoutList)list!).OnTimer(), this, due, System.Threading.Timeout.InfiniteTimeSpan);
        }
        finally
        {
            if (!suppressed)
            {
                flow.Undo();
            }
        }
    }
}
