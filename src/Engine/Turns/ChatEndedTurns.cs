namespace GenAI.Chats.Engine.Turns;

/// <summary>The turns of one chat in <see cref="EndedTurns"/>.</summary>
internal sealed class ChatEndedTurns(EndedTurns all)
{
    private readonly List<EndedTurn> _turns = [];

    /// <summary>Returns a turn's events. Null if there is no such turn, or they were removed.</summary>
    public EventLog? Find(string turnId) => all.Find(_turns.Find(turn => turn.TurnId == turnId));

    /// <summary>Returns a turn's ID and events by its number in the chat's log. Null if there is no such turn, or they were removed.</summary>
    public (string TurnId, EventLog Log)? Find(long sequence) =>
        _turns.Find(turn => turn.Sequence == sequence) is { } turn && all.Find(turn) is { } log ? (turn.TurnId, log) : null;

    /// <summary>Adds a turn. Its last events may still come.</summary>
    public void Add(ActiveTurn turn)
    {
        _turns.RemoveAll(ended => ended.IsRemoved);
        _turns.Add(all.Add(turn));
    }

    /// <summary>Removes turns.</summary>
    public void Remove(Predicate<EndedTurn> match) => _turns.RemoveAll(turn =>
    {
        var isMatch = match(turn);
        if (isMatch)
        {
            all.Remove(turn);
        }

        return isMatch;
    });
}
