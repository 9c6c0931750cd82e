using Google.Rpc;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// Lets calls through as an <see cref="ICallAdmission"/> has it, in the order of their tickets: who comes again after a failure goes
/// before those that came to the route later.
/// </summary>
internal sealed class CallGate(ICallAdmission admission, int maxWaiting, TimeProvider time) : IDisposable
{
    // What a caller is told that finds the line full, where nothing better is known.
    private static readonly TimeSpan FullDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private ITimer? _timer;
    private int _running;
    private int _answered;
    private long _refusals;

    /// <summary>How many calls are inside.</summary>
    public int Running
    {
        get
        {
            lock (_lock)
            {
                return _running;
            }
        }
    }

    /// <summary>How many calls wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>How long a call that came now would wait at least: zero, not at all; infinite, until others have left.</summary>
    public TimeSpan Wait
    {
        get
        {
            lock (_lock)
            {
                var wait = admission.WaitFor(_running);
                return wait == TimeSpan.Zero && _waiting.Count > 0 ? Timeout.InfiniteTimeSpan : wait;
            }
        }
    }

    /// <summary>Waits until the call may go through. Who cancels the call leaves nothing behind.</summary>
    /// <exception cref="ModelException">RESOURCE_EXHAUSTED: the line is full, or longer than the call's turn has time.</exception>
    public async ValueTask<CallPermit> EnterAsync(RouteCall call)
    {
        call.Token.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_lock)
        {
            var wait = admission.WaitFor(_running);
            if (wait == TimeSpan.Zero && _waiting.Count == 0)
            {
                return Admit(IsFirst(call));
            }

            ThrowIfHopeless(call, wait);
            waiter = new Waiter(this, call.Ticket, IsFirst(call));
            Insert(waiter);
            Pump();
        }

        using (call.Token.UnsafeRegister(static (state, token) => ((Waiter)state!).Cancel(token), waiter))
        {
            return await waiter.Task.ConfigureAwait(false);
        }
    }

    /// <summary>A call leaves.</summary>
    public void Leave(CallPermit permit)
    {
        lock (_lock)
        {
            _running--;
            _answered -= permit.IsAnswered ? 1 : 0;
            Pump();
        }
    }

    /// <summary>A call inside is being answered.</summary>
    public void Accept()
    {
        lock (_lock)
        {
            admission.Accepted(++_answered);
            Pump();
        }
    }

    /// <summary>A call leaves that was refused.</summary>
    /// <returns>Whether calls are held back from now on that were not before.</returns>
    public bool Refuse(CallPermit permit, TimeSpan? delay)
    {
        lock (_lock)
        {
            _running--;
            var isNew = permit.Refusals == _refusals;
            _refusals += isNew ? 1 : 0;
            var begins = admission.Refused(delay, _running, isNew, permit.IsFirst);
            Pump();
            return begins;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private void ThrowIfHopeless(RouteCall call, TimeSpan wait)
    {
        var isLate = wait > call.Left;
        // Those that come again have been let in once.
        var isFull = _waiting.Count >= maxWaiting && IsFirst(call);
        if (isLate || isFull)
        {
            throw new ModelException(
                Code.ResourceExhausted,
                isLate ? ModelErrorReasons.QuotaExceeded : ModelErrorReasons.Overloaded,
                isLate ? "The model is held back for longer than the turn may take." : $"{maxWaiting} calls wait for the model already.",
                wait > FullDelay ? wait : FullDelay)
            {
                IsRetryable = false,
            };
        }
    }

    private void Insert(Waiter waiter)
    {
        var before = _waiting.Last;
        while (before is not null && before.Value.Ticket > waiter.Ticket)
        {
            before = before.Previous;
        }

        if (before is null)
        {
            _waiting.AddFirst(waiter.Node);
        }
        else
        {
            _waiting.AddAfter(before, waiter.Node);
        }
    }

    // One that was let through a moment before stays so; it is the call's then to leave.
    private void Cancel(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (waiter.Node.List is not null)
            {
                _waiting.Remove(waiter.Node);
                waiter.SetCanceled(cancellationToken);
                Pump();
            }
        }
    }

    private static bool IsFirst(RouteCall call) => call.Calls == 0;

    private CallPermit Admit(bool isFirst)
    {
        _running++;
        admission.Entered();
        return new CallPermit(this, isFirst, _refusals);
    }

    private void Pump()
    {
        while (_waiting.First is { } first)
        {
            var wait = admission.WaitFor(_running);
            if (wait != TimeSpan.Zero)
            {
                SetTimer(wait);
                return;
            }

            _waiting.Remove(first);
            first.Value.SetResult(Admit(first.Value.IsFirst));
        }
    }

    // One that runs in vain finds out, and does no harm.
    private void SetTimer(TimeSpan wait)
    {
        if (wait != Timeout.InfiniteTimeSpan)
        {
            // Timers count in milliseconds, and may be early by less than one.
            wait = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
            _timer ??= time.CreateTimer(
                static gate => ((CallGate)gate!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            Pump();
        }
    }

    private sealed class Waiter : TaskCompletionSource<CallPermit>
    {
        private readonly CallGate _gate;

        public Waiter(CallGate gate, long ticket, bool isFirst)
            : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            _gate = gate;
            Ticket = ticket;
            IsFirst = isFirst;
            Node = new LinkedListNode<Waiter>(this);
        }

        public long Ticket { get; }

        public bool IsFirst { get; }

        public LinkedListNode<Waiter> Node { get; }

        public void Cancel(CancellationToken cancellationToken) => _gate.Cancel(this, cancellationToken);
    }
}
