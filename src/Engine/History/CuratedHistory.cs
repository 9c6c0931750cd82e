namespace GenAI.Chats.Engine.History;

/// <summary>
/// The contents that a model gets with the next turn of a path. They are read from the store, a page at a time, when a model first asks for them. Later turns
/// add their own; turns that were recorded elsewhere are read.
/// </summary>
/// <param name="key">The chat.</param>
/// <param name="incarnation">The chat's incarnation.</param>
/// <param name="path">The path.</param>
/// <param name="store">Reads from the store.</param>
internal sealed class CuratedHistory(ChatKey key, string incarnation, IReadOnlyList<SequenceRange> path, StoreReader store)
{
    private readonly SentContents _contents = new();
    private readonly Exchanges _exchanges = new();
    private long _through;
    private long _revision;

    /// <summary>Returns the curated contents of all turns of the path up to one.</summary>
    /// <param name="lastSequence">The turn before the one that asks, or before the open exchange, whose turns may become curated later.</param>
    /// <param name="cancellationToken">A token to cancel the read.</param>
    public async ValueTask<IReadOnlyList<Content>> ReadAsync(long lastSequence, CancellationToken cancellationToken)
    {
        while (_through < lastSequence)
        {
            var range = new LogRange(_through, 500, 4 * 1024 * 1024, incarnation) { Path = path, Curated = true };
            var page = await store.ReadAsync(s => s.ReadLogAsync(key, range, cancellationToken))
                ?? throw ChatErrors.ChatNotFound(key.ChatId);
            foreach (var turn in page.Turns.TakeWhile(turn => turn.Sequence <= lastSequence))
            {
                Append(turn);
            }

            if (!page.HasMore || page.Turns[^1].Sequence >= lastSequence)
            {
                _through = lastSequence;
            }
        }

        return _contents.List;
    }

    /// <summary>
    /// Adds a turn that has just ended, and before which no exchange was open: turns of an exchange become curated later, and are read then. If the history
    /// before the turn wasn't read, the turn is read with it later.
    /// </summary>
    public void Add(TurnRecord turn)
    {
        if (_through > 0 && turn.Revision == _revision + 1 && !turn.Outcome!.Open)
        {
            Append(turn);
        }
    }

    /// <summary>Returns a recorded turn's contents in order, each with whether it is curated.</summary>
    public static IEnumerable<(Content Content, bool Curated)> Contents(TurnRecord turn)
    {
        if (turn.Input.Message is { } message)
        {
            yield return (message, turn.Curated);
        }

        var contents = turn.Outcome!.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            yield return (contents[i], turn.Curated && !turn.Outcome.Uncurated.Contains((uint)i));
        }
    }

    /// <summary>Returns the contents that the curated history has once the turn is curated.</summary>
    public static IEnumerable<Content> Curable(TurnRecord turn) =>
        Contents(turn with { Curated = true }).Where(c => c.Curated).Select(c => c.Content);

    private void Append(TurnRecord turn)
    {
        _through = turn.Sequence;
        _revision = turn.Revision;
        foreach (var content in _exchanges.Next(turn).SelectMany(Curable))
        {
            _contents.Add(content);
        }
    }
}
