using Orleans.Timers;

namespace Orleans.Runtime;

// Idleness, and the timers that end with the activation.
internal sealed partial class Activation
{
    private HashSet<GrainTimer>? _timers;
    private bool _timersDisposed;
    private long _idleSince;
    private DateTimeOffset _keepAliveUntil = DateTimeOffset.MinValue;
    private DateTimeOffset _collectionTicket;

    public void DelayDeactivation(TimeSpan delay)
    {
        var now = _silo.CollectionClock.GetUtcNow();
        lock (_lock)
        {
            if (delay == TimeSpan.MaxValue || delay == Timeout.InfiniteTimeSpan)
            {
                _keepAliveUntil = DateTimeOffset.MaxValue;
            }
            else if (delay > TimeSpan.Zero)
            {
                _keepAliveUntil = Later(now, delay);
            }
            else
            {
                if (_keepAliveUntil > now)
                {
                    _collectionTicket = Later(now, _class.CollectionAge);
                }

                _keepAliveUntil = DateTimeOffset.MinValue;
            }
        }
    }

    /// <summary>
    /// Looks whether the activation's time to be collected has come. Each look that finds it in use sets the next one a whole
    /// age later, so an activation may be idle for nearly twice the age before it is collected.
    /// </summary>
    public bool IsDueForCollection(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_state != ActivationState.Valid || _class.IsExemptFromCollection || now < _collectionTicket)
            {
                return false;
            }

            if (_keepAliveUntil > now)
            {
                var rest = _keepAliveUntil - now;
                _collectionTicket = Later(now, rest > _class.CollectionAge ? rest : _class.CollectionAge);
                return false;
            }

            if (!IsIdleFor(_class.CollectionAge))
            {
                _collectionTicket = Later(now, _class.CollectionAge);
                return false;
            }

            return true;
        }
    }

    public bool MayBeCollected(TimeSpan age, DateTimeOffset now)
    {
        lock (_lock)
        {
            return _state == ActivationState.Valid && !_class.IsExemptFromCollection && _keepAliveUntil <= now && IsIdleFor(age);
        }
    }

    public bool TryAddTimer(GrainTimer timer)
    {
        lock (_lock)
        {
            return !_timersDisposed && (_timers ??= []).Add(timer);
        }
    }

    public void RemoveTimer(GrainTimer timer)
    {
        lock (_lock)
        {
            _timers?.Remove(timer);
        }
    }

    private static DateTimeOffset Later(DateTimeOffset now, TimeSpan by) =>
        by >= DateTimeOffset.MaxValue - now ? DateTimeOffset.MaxValue : now + by;

    private bool IsIdleFor(TimeSpan age) =>
        _running == 0 && _waiting.Count == 0 && _silo.CollectionClock.GetElapsedTime(_idleSince) >= age;

    private void DisposeTimers()
    {
        HashSet<GrainTimer>? timers;
        lock (_lock)
        {
            _timersDisposed = true;
            timers = _timers;
            _timers = null;
        }

        foreach (var timer in timers ?? [])
        {
            timer.Dispose();
        }
    }
}
