namespace GenAI.Chats.Engine.Turns;

/// <summary>
/// The events of ended turns, in all chats of a process, for readers that haven't read the last one yet. A turn is removed when no reader has come for a
/// while, or when there are too many. Later readers get the events from the store.
/// </summary>
internal sealed class EndedTurns(TimeProvider time)
{
    /// <summary>How long a turn waits for a reader.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The maximum size of all events, in bytes. The newest turn stays whatever its size.</summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    // By last use, the oldest first.
    private readonly LinkedList<EndedTurn> _turns = [];
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private bool _isTimed;

    /// <summary>Gets the size of all events, in bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds a turn. Its last events may still come.</summary>
    public EndedTurn Add(ActiveTurn turn)
    {
        var ended = new EndedTurn(turn.Record.TurnId, turn.Record.Sequence, turn.Log) { Bytes = turn.Log.Bytes(), LastUse = time.GetTimestamp() };
        turn.Log.OnForget(() => Remove(ended));
        lock (_lock)
        {
            _turns.AddLast(ended.Place);
            Bytes += ended.Bytes;
            while (Bytes > MaxBytes && _turns.First is { } first && first != ended.Place)
            {
                DropLocked(first.Value);
            }

            Wait();
        }

        return ended;
    }

    /// <summary>Returns a turn's events for a reader. Null if they were removed.</summary>
    public EventLog? Find(EndedTurn? turn)
    {
        lock (_lock)
        {
            if (turn is { IsRemoved: false })
            {
                turn.LastUse = time.GetTimestamp();
                _turns.Remove(turn.Place);
                _turns.AddLast(turn.Place);
            }

            return turn?.Log;
        }
    }

    /// <summary>Removes a turn.</summary>
    public void Remove(EndedTurn turn)
    {
        lock (_lock)
        {
            RemoveLocked(turn);
        }
    }

    private void RemoveLocked(EndedTurn turn)
    {
        if (!turn.IsRemoved)
        {
            _turns.Remove(turn.Place);
            Bytes -= turn.Bytes;
            turn.Log = null;
        }
    }

    private void DropLocked(EndedTurn turn)
    {
        turn.Log?.Drop();
        RemoveLocked(turn);
    }

    private void RemoveOld()
    {
        lock (_lock)
        {
            _isTimed = false;
            while (_turns.First is { } first && time.GetElapsedTime(first.Value.LastUse) >= Patience)
            {
                DropLocked(first.Value);
            }

            Wait();
        }
    }

    private void Wait()
    {
        if (!_isTimed && _turns.First is { } first)
        {
            _isTimed = true;
            _timer ??= time.CreateTimer(static turns => ((EndedTurns)turns!).RemoveOld(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            var left = Patience - time.GetElapsedTime(first.Value.LastUse);
            _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}

/// <summary>A turn in <see cref="EndedTurns"/>.</summary>
internal sealed class EndedTurn
{
    public EndedTurn(string turnId, long sequence, EventLog log)
    {
        (TurnId, Sequence, Log) = (turnId, sequence, log);
        Place = new LinkedListNode<EndedTurn>(this);
    }

    public string TurnId { get; }

    /// <summary>Gets the turn's number in the chat's log.</summary>
    public long Sequence { get; }

    /// <summary>Gets or sets the turn's events. Null if they were removed.</summary>
    public EventLog? Log { get; set; }

    public bool IsRemoved => Log is null;

    public long Bytes { get; init; }

    public long LastUse { get; set; }

    public LinkedListNode<EndedTurn> Place { get; }
}
