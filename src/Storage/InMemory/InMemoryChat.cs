namespace GenAI.Chats.Storage.InMemory;

/// <summary>A chat in memory. The store's lock protects it. Its records are replaced, never changed.</summary>
internal sealed class InMemoryChat(ChatRecord record)
{
    private readonly List<TurnRecord> _turns = [];
    private readonly Dictionary<string, long> _byTurnId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TurnRecord> _erasedByTurnId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _turnIdByRequestId = new(StringComparer.Ordinal);
    private readonly SortedSet<long> _pending = [];
    private IReadOnlyList<SequenceRange> _visible = [SequenceRange.All];

    public ChatRecord Record { get; set; } = record;

    /// <summary>The progress of running turns, by their numbers.</summary>
    public Dictionary<long, List<TurnProgress>> Progress { get; } = [];

    /// <summary>The turns that exist, in the order of the log.</summary>
    public IReadOnlyList<TurnRecord> Turns => _turns;

    /// <summary>The number of the last turn in the log, even if it was erased.</summary>
    public long LastSequence { get; private set; }

    public ChatPlace Place => new(Record.Version, Record.Revision, FirstPending is { } turn ? PlaceOf(turn) : null);

    public TurnRecord? FirstPending => _pending.Count == 0 ? null : Turn(_pending.Min);

    public IEnumerable<TurnRecord> Pending => _pending.Select(sequence => Turn(sequence)!);

    /// <summary>Creates a chat that has the turns of another one on a path. The records never change, so the chats share them.</summary>
    public static InMemoryChat Fork(ChatRecord record, InMemoryChat source, IReadOnlyList<SequenceRange> path)
    {
        var end = path.Count == 0 ? 0 : path[^1].Last;
        var fork = new InMemoryChat(record) { LastSequence = end, _visible = [.. path, new SequenceRange(end + 1, long.MaxValue)] };
        foreach (var turn in source._turns.Where(turn => path.Includes(turn.Sequence) && !turn.IsPending))
        {
            fork.AddToLog(turn with { RequestId = "" });
        }

        return fork;
    }

    public static TurnPlace PlaceOf(TurnRecord turn) => new(turn.Sequence, turn.TurnId, turn.State, turn.Attempt, turn.Owner, turn.Stop);

    /// <summary>Indicates whether no turn of a path was erased or is missing.</summary>
    public bool HasAll(IReadOnlyList<SequenceRange> path) =>
        _visible.Covers(path) && (path.Count == 0 || path[^1].Last <= LastSequence);

    public TurnRecord? Turn(long sequence) => IndexOf(sequence) is >= 0 and var index ? _turns[index] : null;

    public TurnRecord? FindTurn(string turnId) => _byTurnId.TryGetValue(turnId, out var sequence) ? Turn(sequence) : null;

    /// <summary>Finds the turn that has a request ID. If it was erased, it has no input and no outcome.</summary>
    public TurnRecord? FindRequest(string requestId) => _turnIdByRequestId.TryGetValue(requestId, out var turnId)
        ? FindTurn(turnId) ?? _erasedByTurnId[turnId]
        : null;

    public TurnRecord? FindRevision(long revision, SequenceRange range) =>
        _turns.Find(turn => turn.Revision == revision && revision > 0 && range.Contains(turn.Sequence));

    public bool IsTurnIdTaken(string turnId) => _byTurnId.ContainsKey(turnId) || _erasedByTurnId.ContainsKey(turnId);

    public void Add(TurnRecord turn)
    {
        if (turn.RequestId.Length > 0)
        {
            _turnIdByRequestId.Add(turn.RequestId, turn.TurnId);
        }

        AddToLog(turn);
        LastSequence = turn.Sequence;
        KeepPending(turn);
    }

    public void Replace(TurnRecord turn)
    {
        _turns[IndexOf(turn.Sequence)] = turn;
        KeepPending(turn);
    }

    /// <summary>Takes a turn's request ID, so that another turn can have it.</summary>
    public void TakeRequestId(TurnRecord turn)
    {
        _turnIdByRequestId.Remove(turn.RequestId);
        if (Turn(turn.Sequence) is { } current)
        {
            Replace(current with { RequestId = "" });
        }
    }

    public void Change(HeadChange change, DateTimeOffset now)
    {
        Record = Record with
        {
            Revision = change.Revision,
            TurnCount = change.ChangesHistory ? change.TurnCount ?? Record.TurnCount + 1 : Record.TurnCount,
            StoredBytes = Record.StoredBytes + change.StoredBytes,
            TotalUsage = change.TotalUsage?.Clone(),
            UpdateTime = change.ChangesHistory ? change.UpdateTime : Record.UpdateTime,
            OpenSequence = change.OpenSequence ?? Record.OpenSequence,
            Tree = change.Tree?.Clone() ?? Record.Tree,
            ExpireTime = ChatExpiry.Extend(Record.ExpireTime, change.Ttl, now),
        };
        foreach (var closed in change.Closes)
        {
            if (Turn(closed) is { } turn)
            {
                Replace(turn with { Curated = true });
            }
        }

        if (change.Keeps is { } keeps)
        {
            Erase(keeps);
        }
    }

    public void Stop(TurnRecord turn, TurnStop stop)
    {
        if (stop > turn.Stop)
        {
            Replace(turn with { Stop = stop });
        }
    }

    // The entry for the move, which is the last turn, remains.
    private void Erase(IReadOnlyList<SequenceRange> keeps)
    {
        _visible = _visible.Erased(keeps, LastSequence);
        foreach (var turn in _turns.Where(turn => !_visible.Includes(turn.Sequence)).ToList())
        {
            _turns.Remove(turn);
            if (turn.TurnId.Length > 0)
            {
                _byTurnId.Remove(turn.TurnId);
                _erasedByTurnId[turn.TurnId] = turn with { Input = null!, InputBytes = 0, Outcome = null };
            }
        }
    }

    private void AddToLog(TurnRecord turn)
    {
        if (turn.TurnId.Length > 0)
        {
            _byTurnId.Add(turn.TurnId, turn.Sequence);
        }

        _turns.Add(turn);
    }

    // A negative number if the turn doesn't exist.
    private int IndexOf(long sequence)
    {
        var (low, high) = (0, _turns.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            switch (_turns[middle].Sequence.CompareTo(sequence))
            {
                case 0:
                    return middle;
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return -1;
    }

    private void KeepPending(TurnRecord turn)
    {
        if (turn.IsPending)
        {
            _pending.Add(turn.Sequence);
        }
        else
        {
            _pending.Remove(turn.Sequence);
        }
    }
}
