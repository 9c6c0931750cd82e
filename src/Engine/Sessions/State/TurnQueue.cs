namespace GenAI.Chats.Engine.Sessions.State;

/// <summary>A chat's pending turns in the order in which they run. The first one runs, or is the next to run.</summary>
/// <param name="metrics">Counts the turns until the session is closed.</param>
/// <param name="time">The turns' clock.</param>
internal sealed class TurnQueue(ChatMetrics metrics, TimeProvider time)
{
    private readonly List<ActiveTurn> _turns = [];
    private ITenantQuota? _quota;
    private int _counted;
    private long _countedBytes;
    private bool _isClosed;

    public int Count => _turns.Count;

    public ActiveTurn? First => _turns.Count > 0 ? _turns[0] : null;

    /// <summary>Gets the turn that was started here, and so runs here.</summary>
    public ActiveTurn? Running => First is { RunsHere: true } first ? first : null;

    /// <summary>Gets how many turns wait for another one.</summary>
    public int Waiting => Math.Max(_turns.Count - 1, 0);

    /// <summary>Gets the size of all inputs, in bytes.</summary>
    public long InputBytes => _turns.Sum(turn => turn.Record.InputBytes);

    /// <summary>Gets the size of the inputs of the turns that wait for another one, in bytes.</summary>
    public long WaitingBytes => _turns.Skip(1).Sum(turn => turn.Record.InputBytes);

    /// <summary>Returns the turns at this moment.</summary>
    public ActiveTurn[] ToArray() => [.. _turns];

    /// <summary>Adds a turn, which is counted instead of the permit that it was accepted with.</summary>
    public void Add(ActiveTurn turn, TurnPermit permit)
    {
        _turns.Add(turn);
        Counted(permit);
    }

    public void Remove(ActiveTurn turn)
    {
        _turns.Remove(turn);
        Counted();
    }

    /// <summary>Counts the turns for a tenant from now on. There are none yet.</summary>
    public void CountFor(ITenantQuota quota) => _quota = quota;

    /// <summary>Stops counting the turns: the session is closed.</summary>
    public void Close()
    {
        _isClosed = true;
        Counted();
    }

    public ActiveTurn? Find(string turnId) => _turns.Find(t => t.Record.TurnId == turnId);

    /// <summary>Returns the turn that has a number in the chat's log.</summary>
    public ActiveTurn? Find(long sequence) => _turns.Find(t => t.Record.Sequence == sequence);

    public ActiveTurn? FindRequest(string requestId) => _turns.Find(t => t.Record.RequestId == requestId);

    /// <summary>Replaces the turns by those in the store. Turns that stay keep their events and readers.</summary>
    /// <returns>The turns that are no longer pending.</returns>
    public IReadOnlyList<ActiveTurn> Replace(IReadOnlyList<TurnRecord> pending)
    {
        var before = _turns.ToDictionary(t => t.Record.TurnId);
        _turns.Clear();
        foreach (var record in pending)
        {
            if (before.Remove(record.TurnId, out var known))
            {
                known.Record = record.WithInputOf(known.Record);
            }

            _turns.Add(known ?? new ActiveTurn(record, time));
        }

        Counted();
        return [.. before.Values];
    }

    private void Counted(TurnPermit? permit = null)
    {
        var (count, bytes) = _isClosed ? (0, 0) : (_turns.Count, InputBytes);
        if ((count, bytes) != (_counted, _countedBytes))
        {
            metrics.PendingChanged(count - _counted);
            _quota?.CountPending(count - _counted, bytes - _countedBytes, permit);
            (_counted, _countedBytes) = (count, bytes);
        }
    }
}
