namespace GenAI.Chats.Engine.History;

/// <summary>
/// Finds the curated turns of a path, while its turns are walked through in order. A turn with open function calls is curated if a later turn of the path
/// closes its exchange. The store can't tell, because the turn may be on several paths.
/// </summary>
internal sealed class Exchanges
{
    private readonly List<TurnRecord> _open = [];

    /// <summary>Gets the turns of the exchange that is open so far.</summary>
    public IReadOnlyList<TurnRecord> Open => _open;

    /// <summary>Goes on to the next turn, and returns the turns that are now known to be curated, in order.</summary>
    public IEnumerable<TurnRecord> Next(TurnRecord turn)
    {
        var continues = Continues(turn);
        if (turn.Outcome!.Open)
        {
            if (!continues)
            {
                _open.Clear();
            }

            _open.Add(turn);
            return [];
        }

        if (!turn.Curated)
        {
            return [];
        }

        IEnumerable<TurnRecord> curated = continues ? [.. _open, turn] : [turn];
        _open.Clear();
        return curated;
    }

    /// <summary>Indicates whether a turn responds to the function calls of the turns before it, or is a later piece of an initial history.</summary>
    public static bool Continues(TurnRecord turn) =>
        turn.TurnId.Length == 0 ? turn.Outcome!.Open : TurnChecks.Responding(turn.Input) is not null;
}
