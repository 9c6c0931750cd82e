namespace GenAI.Chats.Engine.Limits;

/// <summary>
/// The server's running turns, and the queue of chats that wait to start one when the server is at its limit. Tenants take turns, and so do the chats
/// of a tenant, so that one tenant's load doesn't delay another's turns.
/// </summary>
internal sealed class TurnSlots
{
    private static readonly TimeSpan FirstGuess = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MemoryDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(60);

    private readonly TimeProvider _time;
    private readonly IOptionsMonitor<LimitsOptions>? _limits;
    private readonly MemoryMonitor? _memory;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly Queue<string> _tenants = [];
    private readonly Dictionary<string, Queue<TaskCompletionSource<bool>>> _waiters = new(StringComparer.Ordinal);
    private int _running;
    private int _waiting;
    private long? _lastLeave;
    private TimeSpan? _meanInterval;

    /// <param name="time">The clock.</param>
    /// <param name="limits">The server's limits. If null, turns aren't limited.</param>
    /// <param name="memory">The server's memory. If null, memory isn't limited.</param>
    public TurnSlots(TimeProvider time, IOptionsMonitor<LimitsOptions>? limits = null, MemoryMonitor? memory = null)
    {
        (_time, _limits, _memory) = (time, limits, memory);
        limits?.OnChange(_ => StartWaiting());
    }

    /// <summary>Indicates whether the server is stopping: no more turns start.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The number of running turns.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>The number of waiting chats.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>The size limit of a turn's response for lack of memory.</summary>
    public long MaxResponseBytes => _memory?.MaxResponseBytes ?? long.MaxValue;

    private int MaxRunning => _limits?.CurrentValue.Server.ConcurrentTurns ?? int.MaxValue;

    /// <summary>Returns the error if the server accepts no more turns, otherwise null.</summary>
    public ChatException? Rejection()
    {
        if (_limits?.CurrentValue.Server is not { } limits)
        {
            return null;
        }

        if (_memory is { IsHigh: true })
        {
            return LimitErrors.ServerMemory(limits.MaxMemoryUtilization, MemoryDelay);
        }

        lock (_lock)
        {
            if (IsClosed || _running < MaxRunning || _waiting < limits.MaxQueuedChats)
            {
                return null;
            }

            // The time until all waiting chats have started, at the recent pace.
            var delay = (_meanInterval ?? FirstGuess) * Math.Max(1, _waiting);
            return LimitErrors.ServerBusy(MaxRunning, delay < MaxDelay ? delay : MaxDelay);
        }
    }

    /// <summary>Starts a turn, if the server may run another one and no chat waits.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            var starts = !IsClosed && _waiting == 0 && _running < MaxRunning;
            _running += starts ? 1 : 0;
            return starts;
        }
    }

    /// <summary>Starts a turn of a chat when it's the chat's turn. Returns false if the server is stopping.</summary>
    public ValueTask<bool> EnterAsync(ChatKey chat)
    {
        lock (_lock)
        {
            if (IsClosed || TryEnter())
            {
                return new(!IsClosed);
            }

            if (!_waiters.TryGetValue(chat.Tenant, out var waiters))
            {
                _waiters.Add(chat.Tenant, waiters = []);
                _tenants.Enqueue(chat.Tenant);
            }

            // Continues on the chat's scheduler, not on the thread that calls Leave.
            var waiter = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            waiters.Enqueue(waiter);
            _waiting++;
            return new(waiter.Task);
        }
    }

    /// <summary>Ends a turn, and starts the next one.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            MeasurePace();
            if (--_running == 0 && IsClosed)
            {
                _drained.TrySetResult();
            }

            StartWaiting();
        }
    }

    /// <summary>Starts no more turns, and tells waiting chats so. The returned task completes when no turn runs.</summary>
    public Task Close()
    {
        lock (_lock)
        {
            IsClosed = true;
            foreach (var waiter in _waiters.Values.SelectMany(waiters => waiters))
            {
                waiter.SetResult(false);
            }

            _tenants.Clear();
            _waiters.Clear();
            _waiting = 0;
            if (_running == 0)
            {
                _drained.TrySetResult();
            }

            return _drained.Task;
        }
    }

    // Starts one chat of the first tenant, which then goes to the end of the queue. Turns above a lowered limit run on.
    private void StartWaiting()
    {
        lock (_lock)
        {
            while (_running < MaxRunning && _tenants.TryDequeue(out var tenant))
            {
                _running++;
                _waiting--;
                var waiters = _waiters[tenant];
                waiters.Dequeue().SetResult(true);
                if (waiters.Count > 0)
                {
                    _tenants.Enqueue(tenant);
                }
                else
                {
                    _waiters.Remove(tenant);
                }
            }
        }
    }

    // The mean time between turns that end while chats wait.
    private void MeasurePace()
    {
        var now = _time.GetTimestamp();
        if (_waiting > 0 && _lastLeave is { } last)
        {
            var interval = _time.GetElapsedTime(last, now);
            _meanInterval = _meanInterval is { } mean ? mean + ((interval - mean) / 8) : interval;
        }

        _lastLeave = _waiting > 0 ? now : null;
    }
}
