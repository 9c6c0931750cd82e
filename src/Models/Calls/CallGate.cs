namespace GenAI.Chats.Models.Calls;

/// <summary>Admits calls within the given limits, in the order of their tickets: a call that is retried goes before calls that arrived later.</summary>
internal sealed class CallGate(ICallLimits limits, int maxWaiting, TimeProvider time) : IDisposable
{
    // For a rejected caller, if no better delay is known.
    private static readonly TimeSpan MinRetryDelay = TimeSpan.FromSeconds(1);

    private readonly ICallLimits _limits = limits;
    private readonly Lock _lock = new();
    private readonly SortedSet<Waiter> _waiting =
        new(Comparer<Waiter>.Create(static (one, other) => one.Call.Ticket.CompareTo(other.Call.Ticket)));

    private ITimer? _timer;
    private int _running;
    private int _answered;
    private long _refusals;

    /// <summary>Gets the numbers of running and waiting calls.</summary>
    public (int Running, int Waiting) Calls
    {
        get
        {
            lock (_lock)
            {
                return (_running, _waiting.Count);
            }
        }
    }

    /// <summary>Gets how long a new call would wait at least: zero if it wouldn't, infinite if it must wait until another call leaves.</summary>
    public TimeSpan Wait
    {
        get
        {
            lock (_lock)
            {
                var wait = _limits.WaitFor(_running);
                return wait == TimeSpan.Zero && _waiting.Count > 0 ? Timeout.InfiniteTimeSpan : wait;
            }
        }
    }

    /// <summary>Waits until the call is admitted. A canceled call leaves nothing behind.</summary>
    /// <exception cref="ModelException">RESOURCE_EXHAUSTED: the queue is full, or the delay exceeds the time that is left for the turn.</exception>
    public async ValueTask<Permit> EnterAsync(RouteCall call)
    {
        call.Token.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_lock)
        {
            var wait = _limits.WaitFor(_running);
            if (wait == TimeSpan.Zero && _waiting.Count == 0)
            {
                return Admit(call);
            }

            ThrowIfHopeless(call, wait);
            waiter = new Waiter(call);
            _waiting.Add(waiter);
            AdmitWaiting();
        }

        using (call.Token.UnsafeRegister(Cancel, (this, waiter)))
        {
            return await waiter.Task.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private void ThrowIfHopeless(RouteCall call, TimeSpan wait)
    {
        var isLate = wait > call.Left;
        // Retried calls were admitted before.
        var isFull = _waiting.Count >= maxWaiting && call.IsFirst;
        if (isLate || isFull)
        {
            throw new ModelException(
                isLate ? ModelErrorReasons.QuotaExceeded : ModelErrorReasons.Overloaded,
                isLate
                    ? "Rate limited by the model provider; the required delay exceeds the turn's time limit."
                    : $"Too many requests are waiting for this model (limit: {maxWaiting}).",
                retryDelay: wait > MinRetryDelay ? wait : MinRetryDelay)
            {
                IsRetryable = false,
            };
        }
    }

    // If the call was admitted just before, the caller releases the permit.
    private static void Cancel(object? state, CancellationToken cancellationToken)
    {
        var (gate, waiter) = ((CallGate, Waiter))state!;
        lock (gate._lock)
        {
            if (gate._waiting.Remove(waiter))
            {
                waiter.SetCanceled(cancellationToken);
                gate.AdmitWaiting();
            }
        }
    }

    private Permit Admit(RouteCall call)
    {
        _running++;
        _limits.Entered();
        return new Permit(this, call.IsFirst);
    }

    private void AdmitWaiting()
    {
        while (_waiting.Min is { } first)
        {
            var wait = _limits.WaitFor(_running);
            if (wait != TimeSpan.Zero)
            {
                SetTimer(wait);
                return;
            }

            _waiting.Remove(first);
            first.SetResult(Admit(first.Call));
        }
    }

    // A superfluous timer does no harm.
    private void SetTimer(TimeSpan wait)
    {
        if (wait != Timeout.InfiniteTimeSpan)
        {
            // Timers have millisecond resolution and can fire slightly early.
            wait = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
            _timer ??= time.CreateTimer(static gate => ((CallGate)gate!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            AdmitWaiting();
        }
    }

    private sealed class Waiter(RouteCall call) : TaskCompletionSource<Permit>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public RouteCall Call => call;
    }

    /// <summary>The permit of an admitted call. Disposing it releases it.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="isFirst">Whether it is the first attempt of the call.</param>
    internal sealed class Permit(CallGate gate, bool isFirst) : IDisposable
    {
        private readonly long _refusals = gate._refusals;
        private bool _isAnswered;
        private bool _isReleased;

        /// <summary>Records that the target responds to the call.</summary>
        public void Accept()
        {
            lock (gate._lock)
            {
                _isAnswered = true;
                gate._limits.Accepted(++gate._answered);
                gate.AdmitWaiting();
            }
        }

        /// <summary>Releases the permit of a call that the target rejected because of its load.</summary>
        /// <returns>Whether throttling started with this rejection.</returns>
        public bool Refuse(TimeSpan? delay)
        {
            lock (gate._lock)
            {
                Release();
                var isNew = _refusals == gate._refusals;
                gate._refusals += isNew ? 1 : 0;
                var starts = gate._limits.Refused(delay, gate._running, isNew, isFirst);
                gate.AdmitWaiting();
                return starts;
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            lock (gate._lock)
            {
                Release();
                gate.AdmitWaiting();
            }
        }

        private void Release()
        {
            if (!_isReleased)
            {
                _isReleased = true;
                gate._running--;
                gate._answered -= _isAnswered ? 1 : 0;
            }
        }
    }
}
