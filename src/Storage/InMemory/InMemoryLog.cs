namespace GenAI.Chats.Storage.InMemory;

/// <summary>Reads the logs of chats in memory.</summary>
internal static class InMemoryLog
{
    /// <inheritdoc cref="IChatStore.ReadLogAsync" />
    public static LogPage Read(InMemoryChat chat, LogRange range)
    {
        var turns = new List<TurnRecord>();
        var bytes = 0L;
        foreach (var turn in Selected(chat, range))
        {
            if (turns.Count == range.MaxTurns || (turns.Count > 0 && bytes >= range.MaxBytes))
            {
                return Page(hasMore: true);
            }

            bytes += turn.Input.CalculateSize() + (turn.Outcome?.CalculateSize() ?? 0);
            turns.Add(Copies.Of(turn));
        }

        return Page(hasMore: false);

        LogPage Page(bool hasMore) => new(turns, chat.Record.Revision, hasMore, chat.Record.Incarnation, chat.Record.Tree?.Clone());
    }

    private static IEnumerable<TurnRecord> Selected(InMemoryChat chat, LogRange range)
    {
        IReadOnlyList<SequenceRange> path = range.Scope is LogScope.Path ? range.Path ?? ChatPaths.ToHead(chat.Record.Tree) : [SequenceRange.All];
        return (range.NewestFirst ? chat.Turns.Reverse() : chat.Turns)
            .Where(turn => turn.Sequence > range.AfterSequence && turn.Sequence < range.BeforeSequence)
            .Where(turn => range.Scope is LogScope.Whole || turn.Revision > 0 || turn.TurnId.Length == 0)
            .Where(turn => (turn.Curated || !range.Curated) && path.Includes(turn.Sequence));
    }
}
