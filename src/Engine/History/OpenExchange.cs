namespace GenAI.Chats.Engine.History;

/// <summary>
/// The turns at a path's end with open function calls: from the user's message to the last answer with calls. They become curated together with the
/// turn whose answer has no more calls, or never. They are read from the store when a message first responds to them.
/// </summary>
/// <param name="key">The chat.</param>
/// <param name="incarnation">The chat's incarnation.</param>
/// <param name="path">The path.</param>
/// <param name="store">Reads from the store.</param>
internal sealed class OpenExchange(ChatKey key, string incarnation, IReadOnlyList<SequenceRange> path, StoreReader store)
{
    private readonly List<TurnRecord> _turns = [];
    private long _first;

    /// <summary>Gets the turns' numbers in the log.</summary>
    public IReadOnlyList<long> Sequences => _turns.ConvertAll(turn => turn.Sequence);

    /// <summary>Finds the first turn of the exchange that is open at the end of the path, from the last turn back. 0: none is open.</summary>
    public async Task<long> FindFirstAsync(CancellationToken cancellationToken)
    {
        var first = 0L;
        var before = long.MaxValue;
        while (true)
        {
            var range = new LogRange(0, 16, 1024 * 1024, incarnation) { Path = path, BeforeSequence = before, NewestFirst = true };
            var page = await store.ReadAsync(s => s.ReadLogAsync(key, range, cancellationToken)) ?? throw ChatErrors.ChatNotFound(key.ChatId);
            foreach (var turn in page.Turns)
            {
                if (turn.Outcome!.Open)
                {
                    first = turn.Sequence;
                }

                // Turns that left nothing curated don't change the exchange.
                if (turn.Outcome.Open ? !Exchanges.Continues(turn) : turn.Curated)
                {
                    return first;
                }

                before = turn.Sequence;
            }

            if (!page.HasMore)
            {
                return first;
            }
        }
    }

    /// <summary>Reads the exchange, unless it is known, and returns its open calls.</summary>
    /// <param name="first">The exchange's first turn. 0: there is none.</param>
    /// <param name="cancellationToken">A token to cancel the read.</param>
    public async ValueTask<OpenCalls> ReadCallsAsync(long first, CancellationToken cancellationToken)
    {
        await ReadAsync(first, cancellationToken);
        var calls = new OpenCalls();
        foreach (var content in _turns.SelectMany(CuratedHistory.Curable))
        {
            calls.Add(content);
        }

        return calls;
    }

    /// <summary>Forgets the exchange, which may be out of date.</summary>
    public void Forget()
    {
        _turns.Clear();
        _first = 0;
    }

    /// <summary>Adds a turn that was recorded.</summary>
    /// <param name="first">The exchange's first turn from now on. 0: there is none.</param>
    /// <param name="turn">The turn.</param>
    public void Add(long first, TurnRecord turn)
    {
        if (first != _first)
        {
            Forget();
        }

        if (turn.Outcome!.Open && (first == turn.Sequence || first == _first))
        {
            _turns.Add(turn);
            _first = first;
        }
    }

    /// <summary>Returns the contents for a model.</summary>
    public SentContents Contents()
    {
        var contents = new SentContents();
        foreach (var content in _turns.SelectMany(CuratedHistory.Curable))
        {
            contents.Add(content);
        }

        return contents;
    }

    private async ValueTask ReadAsync(long first, CancellationToken cancellationToken)
    {
        if (first == _first)
        {
            return;
        }

        var turns = new List<TurnRecord>();
        var after = first - 1;
        for (var hasMore = first > 0; hasMore;)
        {
            var range = new LogRange(after, 100, 4 * 1024 * 1024, incarnation) { Path = path };
            var page = await store.ReadAsync(s => s.ReadLogAsync(key, range, cancellationToken)) ?? throw ChatErrors.ChatNotFound(key.ChatId);
            turns.AddRange(page.Turns.Where(turn => turn.Outcome!.Open));
            hasMore = page.HasMore;
            after = page.Turns.Count > 0 ? page.Turns[^1].Sequence : after;
        }

        Forget();
        _turns.AddRange(turns);
        _first = first;
    }
}
