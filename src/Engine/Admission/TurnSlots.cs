using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.Engine.Admission;

/// <summary>
/// The turns that run in this process. When there are as many as may be, chats wait in line: tenants take turns, and so do the chats of a tenant, so that nobody
/// waits for longer because another has more to do.
/// </summary>
internal sealed class TurnSlots(TimeProvider time)
{
    private static readonly TimeSpan FirstGuess = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly LinkedList<TenantLine> _tenants = [];
    private readonly Dictionary<string, LinkedListNode<TenantLine>> _lineOf = new(StringComparer.Ordinal);
    private TaskCompletionSource _idle = Completed();
    private int _maxWaiting = int.MaxValue;
    private int _running;
    private int _waiting;
    private long _lastLeave;
    private TimeSpan? _meanInterval;

    /// <summary>How many turns may run at once.</summary>
    public int MaxRunning { get; private set; } = int.MaxValue;

    /// <summary>Whether no more turns start.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether a turn more would wait, and as many wait as may.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                return !IsClosed && _running >= MaxRunning && _waiting >= _maxWaiting;
            }
        }
    }

    /// <summary>Completes when no turn runs.</summary>
    public Task Idle
    {
        get
        {
            lock (_lock)
            {
                return _idle.Task;
            }
        }
    }

    /// <summary>How many chats wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting;
            }
        }
    }

    /// <summary>How many turns run.</summary>
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

    /// <summary>How long it takes until those that wait have started, at the pace of late.</summary>
    public TimeSpan Wait
    {
        get
        {
            lock (_lock)
            {
                return (_meanInterval ?? FirstGuess) * Math.Max(1, _waiting);
            }
        }
    }

    /// <summary>Changes how many may run and wait. What runs beyond that goes on.</summary>
    /// <param name="maxRunning">Null: any number.</param>
    /// <param name="maxWaiting">Whoever waits already goes on to.</param>
    public void Limit(int? maxRunning, int maxWaiting)
    {
        lock (_lock)
        {
            (MaxRunning, _maxWaiting) = (maxRunning ?? int.MaxValue, maxWaiting);
            StartNext();
        }
    }

    /// <summary>Starts a turn, if one may start and nobody waits.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            return TryStart();
        }
    }

    /// <summary>Starts a turn of a chat when it is the chat's turn. False: no more turns start.</summary>
    public ValueTask<bool> EnterAsync(ChatKey chat)
    {
        lock (_lock)
        {
            if (IsClosed || TryStart())
            {
                return new(!IsClosed);
            }

            if (!_lineOf.TryGetValue(chat.Tenant, out var line))
            {
                line = _tenants.AddLast(new TenantLine(chat.Tenant, []));
                _lineOf.Add(chat.Tenant, line);
            }

            // The chat's own scheduler goes on, not the thread of whoever leaves.
            var waiter = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            line.Value.Waiters.Enqueue(waiter);
            _waiting++;
            return new(waiter.Task);
        }
    }

    /// <summary>A turn runs no more.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            Learn();
            if (--_running == 0)
            {
                _idle.SetResult();
            }

            StartNext();
        }
    }

    /// <summary>Lets no more turns start, and sends home who waits. What it returns completes when none runs.</summary>
    public Task Close()
    {
        lock (_lock)
        {
            IsClosed = true;
            foreach (var waiter in _tenants.SelectMany(line => line.Waiters))
            {
                waiter.SetResult(false);
            }

            _tenants.Clear();
            _lineOf.Clear();
            _waiting = 0;
            return _idle.Task;
        }
    }

    private bool TryStart()
    {
        if (IsClosed || _waiting > 0 || _running >= MaxRunning)
        {
            return false;
        }

        Start();
        return true;
    }

    private void Start()
    {
        if (_running++ == 0)
        {
            _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void StartNext()
    {
        while (_running < MaxRunning && _tenants.First is { } line)
        {
            Start();
            _waiting--;
            line.Value.Waiters.Dequeue().SetResult(true);
            _tenants.Remove(line);
            if (line.Value.Waiters.Count > 0)
            {
                _tenants.AddLast(line);
            }
            else
            {
                _lineOf.Remove(line.Value.Tenant);
            }
        }
    }

    // The pace is that of turns which end while others wait.
    private void Learn()
    {
        var now = time.GetTimestamp();
        if (_waiting > 0 && _lastLeave != 0)
        {
            var interval = time.GetElapsedTime(_lastLeave, now);
            _meanInterval = _meanInterval is { } mean ? mean + ((interval - mean) / 8) : interval;
        }

        _lastLeave = _waiting > 0 ? now : 0;
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    // Each chat has one place in it at most, and goes to the end for its next turn.
    private readonly record struct TenantLine(string Tenant, Queue<TaskCompletionSource<bool>> Waiters);
}
