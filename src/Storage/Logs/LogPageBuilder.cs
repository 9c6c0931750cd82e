namespace GenAI.Chats.Storage.Logs;

/// <summary>Collects the turns of a page.</summary>
internal sealed class LogPageBuilder(LogRange range)
{
    private readonly List<TurnRecord> _turns = [];

    /// <summary>Whether a further turn is on the next page.</summary>
    public bool IsFull => _turns.Count == range.MaxTurns || (_turns.Count > 0 && MaxBytes <= 0);

    /// <summary>The maximum number of turns that are still to come.</summary>
    public int MaxTurns => range.MaxTurns - _turns.Count;

    /// <summary>The size after which no further turn is read.</summary>
    public long MaxBytes { get; private set; } = range.MaxBytes;

    /// <summary>Adds a turn.</summary>
    public void Add(TurnRecord turn)
    {
        _turns.Add(turn);
        MaxBytes -= turn.InputBytes + (turn.Outcome?.CalculateSize() ?? 0);
    }

    /// <summary>Returns the page.</summary>
    public LogPage Build(long revision, string incarnation, ChatTree? tree, bool hasMore) => new(_turns, revision, hasMore, incarnation, tree);
}
