using System.Runtime.InteropServices;

namespace Orleans.Runtime;

// Which request runs when.
internal sealed partial class Activation
{
    private readonly List<Request> _waiting = [];
    private Dictionary<Guid, int>? _reentrantSections;
    private Request? _blocking;
    private int _running;
    private bool _pumpQueued;

    /// <summary>Takes the request, or says no because the activation has ended and another one must be found.</summary>
    public bool Receive(Request request)
    {
        var limit = _silo.MaxEnqueuedRequests;
        lock (_lock)
        {
            if (_state == ActivationState.Invalid)
            {
                return false;
            }

            if (limit == 0 || request.IsLocalOnly || _running + _waiting.Count < limit)
            {
                request.Activation = this;
                _waiting.Add(request);
                QueuePump();
                return true;
            }
        }

        request.Reject(new LimitExceededException("MaxEnqueuedRequests", limit, limit, ToString()));
        return true;
    }

    /// <summary>Takes a request out that has not begun.</summary>
    public bool TryRemoveWaiting(Request request)
    {
        lock (_lock)
        {
            return _waiting.Remove(request);
        }
    }

    public void OnCompleted(Request request)
    {
        lock (_lock)
        {
            _running--;
            if (request.IsKeepAlive)
            {
                _idleSince = _silo.CollectionClock.GetTimestamp();
            }

            // As the real engine does: with no blocking request, or this one being it, the way is free. So a write may start
            // beside a second reader when the first one ends.
            if (_blocking is null || ReferenceEquals(_blocking, request))
            {
                _blocking = null;
            }

            if (_waiting.Count > 0 || _pendingDeactivation is not null)
            {
                QueuePump();
            }
        }
    }

    public void EnterReentrantSection(Guid id)
    {
        lock (_lock)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_reentrantSections ??= [], id, out _)++;
        }
    }

    public void ExitReentrantSection(Guid id)
    {
        lock (_lock)
        {
            if (_reentrantSections is { } sections && sections.TryGetValue(id, out var count))
            {
                if (count == 1)
                {
                    sections.Remove(id);
                }
                else
                {
                    sections[id] = count - 1;
                }
            }
        }
    }

    // Under the lock.
    private void QueuePump()
    {
        if (!_pumpQueued)
        {
            _pumpQueued = true;
            Scheduler.QueueDetached(static activation => ((Activation)activation!).Pump(), this);
        }
    }

    private void Pump()
    {
        while (TryStartNext(out var request))
        {
            _ = request.RunAsync(this);
        }

        BeginDeactivationIfDue();
    }

    private bool TryStartNext(out Request request)
    {
        lock (_lock)
        {
            for (var i = 0; i < _waiting.Count; i++)
            {
                request = _waiting[i];
                if (!MayStart(request))
                {
                    continue;
                }

                if (request.MustNotRun)
                {
                    _waiting.RemoveAt(i--);
                    continue;
                }

                if (MayInvoke(request))
                {
                    _waiting.RemoveAt(i);
                    _running++;
                    if (_blocking is null && !request.IsAlwaysInterleave)
                    {
                        _blocking = request;
                    }

                    return true;
                }
            }

            // What comes or ends from now on queues the pump again.
            _pumpQueued = false;
            request = null!;
            return false;
        }
    }

    // Once the end has begun, nothing starts but ticks of timers that were due before.
    private bool MayStart(Request request) =>
        _state == ActivationState.Valid || (_state == ActivationState.Deactivating && request.IsLocalOnly && !_finishing);

    private bool MayInvoke(Request request) =>
        _running == 0
        || request.IsAlwaysInterleave
        || _blocking is null
        || _class.IsReentrant
        || (_blocking.IsReadOnly && request.IsReadOnly)
        || (_reentrantSections is { Count: > 0 } sections && sections.ContainsKey(RequestContext.ReentrancyIdOf(request.ContextValues)));

    private List<Request> TakeWaiting()
    {
        lock (_lock)
        {
            List<Request> waiting = [.. _waiting];
            _waiting.Clear();
            return waiting;
        }
    }
}
