using GenAI.Chats.Grains.Admission;
using GenAI.Chats.Grains.Storage;

namespace GenAI.Chats.Grains.Engine;

/// <summary>A chat's pending turns in the order in which they run, as an activation knows them. The first one runs or is the next to run.</summary>
internal sealed class TurnQueue
{
    private readonly List<ActiveTurn> _turns = [];
    private TenantMeter? _meter;

    public int Count => _turns.Count;

    public ActiveTurn? First => _turns.Count > 0 ? _turns[0] : null;

    /// <summary>How many wait for another one.</summary>
    public int Waiting => Math.Max(_turns.Count - 1, 0);

    /// <summary>The turns at this moment.</summary>
    public ActiveTurn[] ToArray() => [.. _turns];

    public void Add(ActiveTurn turn)
    {
        _turns.Add(turn);
        _meter?.Count(1);
    }

    public void Remove(ActiveTurn turn)
    {
        if (_turns.Remove(turn))
        {
            _meter?.Count(-1);
        }
    }

    /// <summary>Counts the turns as the tenant's from now on; null: not any more.</summary>
    public void CountAt(TenantMeter? meter)
    {
        _meter?.Count(-Count);
        _meter = meter;
        _meter?.Count(Count);
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
        _meter?.Count(pending.Count - Count);
        _turns.Clear();
        foreach (var record in pending)
        {
            if (before.Remove(record.TurnId, out var known))
            {
                known.Record = record;
            }

            _turns.Add(known ?? new ActiveTurn(record));
        }

        return [.. before.Values];
    }
}
