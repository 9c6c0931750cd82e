using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;

namespace GenAI.Chats.Storage.InMemory;

/// <summary>A chat in memory. The store's lock protects it. Its records are replaced, never changed.</summary>
internal sealed class InMemoryChat(ChatRecord record)
{
    private readonly Dictionary<string, int> _byTurnId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byRequestId = new(StringComparer.Ordinal);
    private readonly SortedSet<long> _pending = [];

    public ChatRecord Record { get; set; } = record;

    /// <summary>The progress of running turns, by their numbers.</summary>
    public Dictionary<long, List<TurnProgress>> Progress { get; } = [];

    /// <summary>The log. Turn N has index N - 1.</summary>
    public List<TurnRecord> Turns { get; } = [];

    public ChatPlace Place => new(Record.Version, Record.Revision, FirstPending is { } turn ? PlaceOf(turn) : null);

    public TurnRecord? FirstPending => _pending.Count == 0 ? null : Turn(_pending.Min);

    public IEnumerable<TurnRecord> Pending => _pending.Select(sequence => Turn(sequence)!);

    public static TurnPlace PlaceOf(TurnRecord turn) => new(turn.Sequence, turn.TurnId, turn.State, turn.Attempt, turn.Owner, turn.Stop);

    public TurnRecord? Turn(long sequence) => sequence >= 1 && sequence <= Turns.Count ? Turns[(int)sequence - 1] : null;

    public TurnRecord? FindTurn(string turnId) => _byTurnId.TryGetValue(turnId, out var index) ? Turns[index] : null;

    public TurnRecord? FindRequest(string requestId) => _byRequestId.TryGetValue(requestId, out var index) ? Turns[index] : null;

    public void Add(TurnRecord turn)
    {
        if (turn.TurnId.Length > 0)
        {
            _byTurnId.Add(turn.TurnId, Turns.Count);
        }

        if (turn.RequestId.Length > 0)
        {
            _byRequestId.Add(turn.RequestId, Turns.Count);
        }

        Turns.Add(turn);
        KeepPending(turn);
    }

    public void Replace(TurnRecord turn)
    {
        var index = (int)turn.Sequence - 1;
        if (Turns[index].RequestId != turn.RequestId)
        {
            _byRequestId.Remove(Turns[index].RequestId);
        }

        Turns[index] = turn;
        KeepPending(turn);
    }

    public void Change(HeadChange change)
    {
        Record = Record with
        {
            Revision = change.Revision,
            TurnCount = change.Recorded ? Record.TurnCount + 1 : Record.TurnCount,
            StoredBytes = Record.StoredBytes + change.StoredBytes,
            TotalUsage = change.TotalUsage?.Clone(),
            UpdateTime = change.Recorded ? change.UpdateTime : Record.UpdateTime,
            OpenSequence = change.OpenSequence ?? Record.OpenSequence,
        };
        foreach (var closed in change.Closes)
        {
            if (Turn(closed) is { } turn)
            {
                Replace(turn with { Curated = true });
            }
        }
    }

    public void Stop(TurnRecord turn, TurnStop stop)
    {
        if (stop > turn.Stop)
        {
            Replace(turn with { Stop = stop });
        }
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
