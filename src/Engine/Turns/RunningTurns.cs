using System.Collections.Concurrent;
using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.Engine.Turns;

/// <summary>The running turns of this process by ID, so that a stop reaches a turn whichever activation runs it.</summary>
internal sealed class RunningTurns
{
    private readonly ConcurrentDictionary<string, ActiveTurn> _turns = new(StringComparer.Ordinal);

    /// <summary>Adds a turn that starts to run.</summary>
    public void Add(ActiveTurn turn) => _turns[turn.Record.TurnId] = turn;

    /// <summary>Removes a turn that no longer runs.</summary>
    public void Remove(ActiveTurn turn) => _turns.TryRemove(new(turn.Record.TurnId, turn));

    /// <summary>Stops a turn if it runs here.</summary>
    public void Stop(StoppedTurn stopped)
    {
        if (_turns.TryGetValue(stopped.TurnId, out var turn))
        {
            turn.RequestStop(ActiveTurn.CauseOf(stopped.Stop));
        }
    }
}
