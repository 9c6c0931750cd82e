using GenAI.Chats.Engine.Chunks;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>
/// The events of turns that have ended, in all chats of a process, for readers that have not got the last one. They're forgotten when none has come for a while,
/// or when there are too many; later readers get them from the store.
/// </summary>
internal sealed class EndedTurns(TimeProvider time)
{
    /// <summary>How long they wait for a reader.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How many bytes they take at most, except that the newest turn stays.</summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    // By last use, the oldest first.
    private readonly LinkedList<EndedTurn> _turns = [];
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private bool _isTimed;

    /// <summary>How many bytes they take now.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds a turn. Its last events may still come.</summary>
    public EndedTurn Add(ActiveTurn turn)
    {
        var ended = new EndedTurn(turn.Record.TurnId, turn.Record.Sequence, turn.Log) { Bytes = turn.Log.Bytes(), LastUse = time.GetTimestamp() };
        lock (_lock)
        {
            _turns.AddLast(ended.Place);
            Bytes += ended.Bytes;
            while (Bytes > MaxBytes && _turns.First is { } first && first != ended.Place)
            {
                Remove(first.Value);
            }

            Wait();
        }

        return ended;
    }

    /// <summary>A reader has come.</summary>
    /// <returns>The turn's events; null where they were forgotten.</returns>
    public EventLog? Find(EndedTurn? turn)
    {
        lock (_lock)
        {
            if (turn is { IsForgotten: false })
            {
                turn.LastUse = time.GetTimestamp();
                _turns.Remove(turn.Place);
                _turns.AddLast(turn.Place);
            }

            return turn?.Log;
        }
    }

    /// <summary>Forgets a turn.</summary>
    public void Forget(EndedTurn turn)
    {
        lock (_lock)
        {
            Remove(turn);
        }
    }

    private void Remove(EndedTurn turn)
    {
        if (!turn.IsForgotten)
        {
            _turns.Remove(turn.Place);
            Bytes -= turn.Bytes;
            turn.Log = null;
        }
    }

    private void ForgetOld()
    {
        lock (_lock)
        {
            _isTimed = false;
            while (_turns.First is { } first && time.GetElapsedTime(first.Value.LastUse) >= Patience)
            {
                Remove(first.Value);
            }

            Wait();
        }
    }

    private void Wait()
    {
        if (!_isTimed && _turns.First is { } first)
        {
            _isTimed = true;
            _timer ??= time.CreateTimer(static turns => ((EndedTurns)turns!).ForgetOld(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            var left = Patience - time.GetElapsedTime(first.Value.LastUse);
            _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}

/// <summary>A turn that has ended.</summary>
internal sealed class EndedTurn
{
    public EndedTurn(string turnId, long sequence, EventLog log)
    {
        (TurnId, Sequence, Log) = (turnId, sequence, log);
        Place = new LinkedListNode<EndedTurn>(this);
    }

    public string TurnId { get; }

    /// <summary>Its place in the chat's log.</summary>
    public long Sequence { get; }

    /// <summary>Its events; null where they were forgotten.</summary>
    public EventLog? Log { get; set; }

    public bool IsForgotten => Log is null;

    public long Bytes { get; init; }

    public long LastUse { get; set; }

    public LinkedListNode<EndedTurn> Place { get; }
}
