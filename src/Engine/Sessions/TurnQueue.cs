using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Telemetry;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>A chat's pending turns in the order in which they run, as an activation knows them. The first one runs or is the next to run.</summary>
/// <param name="metrics">Counts them, until the session is over.</param>
/// <param name="time">Their clock.</param>
internal sealed class TurnQueue(ChatMetrics metrics, TimeProvider time)
{
    private readonly List<ActiveTurn> _turns = [];
    private ITenantQuota? _quota;
    private int _counted;
    private long _countedBytes;
    private bool _over;

    public int Count => _turns.Count;

    public ActiveTurn? First => _turns.Count > 0 ? _turns[0] : null;

    /// <summary>How many wait for another one.</summary>
    public int Waiting => Math.Max(_turns.Count - 1, 0);

    /// <summary>How many bytes the inputs of all of them have.</summary>
    public long InputBytes => _turns.Sum(turn => turn.Record.InputBytes);

    /// <summary>How many bytes the inputs have of those that wait for another one.</summary>
    public long WaitingBytes => _turns.Skip(1).Sum(turn => turn.Record.InputBytes);

    /// <summary>The turns at this moment.</summary>
    public ActiveTurn[] ToArray() => [.. _turns];

    /// <summary>Adds a turn, which is counted in place of the permit that it was accepted with.</summary>
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

    /// <summary>From now on, with none yet, the turns are counted as the tenant's too.</summary>
    public void CountFor(ITenantQuota quota) => _quota = quota;

    /// <summary>The session is over: its turns are others' to count.</summary>
    public void Close()
    {
        _over = true;
        Counted();
    }

    public ActiveTurn? Find(string turnId) => _turns.Find(t => t.Record.TurnId == turnId);

    public ActiveTurn? FindRequest(string requestId) => _turns.Find(t => t.Record.RequestId == requestId);

    /// <summary>
    /// Takes over what the store says. Turns that go on keep their events and readers.
    /// </summary>
    /// <returns>Those that are pending no more.</returns>
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
        var (count, bytes) = _over ? (0, 0) : (_turns.Count, InputBytes);
        if ((count, bytes) != (_counted, _countedBytes))
        {
            metrics.PendingChanged(count - _counted);
            _quota?.CountPending(count - _counted, bytes - _countedBytes, permit);
            (_counted, _countedBytes) = (count, bytes);
        }
    }
}
