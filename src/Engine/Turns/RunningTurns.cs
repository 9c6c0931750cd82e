using System.Collections.Concurrent;

namespace GenAI.Chats.Engine.Turns;

/// <summary>
/// The running turns of this process by ID, so that a stop reaches a turn whichever activation runs it. If two activations run the same turn, because one
/// took it over and the other doesn't know yet, the earlier attempt is stopped here: its calls of tools would run again.
/// </summary>
internal sealed class RunningTurns
{
    private readonly ConcurrentDictionary<string, ActiveTurn> _turns = new(StringComparer.Ordinal);

    /// <summary>Adds a turn that starts to run. If another attempt of it runs, the earlier of the two is stopped.</summary>
    public void Add(ActiveTurn turn)
    {
        ActiveTurn? other = null;
        var latest = _turns.AddOrUpdate(turn.Record.TurnId, turn, (_, running) =>
        {
            other = running;
            return running.Record.Attempt > turn.Record.Attempt ? running : turn;
        });
        var superseded = latest == turn ? other : turn;
        superseded?.RequestStop(StopCause.Abandoned);
    }

    /// <summary>Removes a turn that no longer runs.</summary>
    public void Remove(ActiveTurn turn) => _turns.TryRemove(new(turn.Record.TurnId, turn));

    /// <summary>Stops a turn if it runs here.</summary>
    public void Stop(StoppedTurn stopped)
    {
        if (_turns.TryGetValue(stopped.TurnId, out var turn))
        {
            turn.RequestStop(StopCause.Stored);
        }
    }
}
