using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.Engine.History;

/// <summary>
/// The turns at a chat's end whose function calls are open: from the user's message to the last answer with calls. They become curated together with the
/// turn whose answer has no more calls, or never. They are read from the store when a message first responds to them.
/// </summary>
internal sealed class OpenExchange(ChatKey key, string incarnation, StoreReader store)
{
    private readonly LogRange _page = new(0, 100, 4 * 1024 * 1024, Incarnation: incarnation);
    private readonly List<TurnRecord> _turns = [];
    private long _first;

    /// <summary>Gets the turns' numbers in the log.</summary>
    public IReadOnlyList<long> Sequences => _turns.ConvertAll(turn => turn.Sequence);

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
        var range = _page with { AfterSequence = first - 1 };
        for (var hasMore = first > 0; hasMore;)
        {
            var at = range;
            var page = await store.ReadAsync(s => s.ReadLogAsync(key, at, cancellationToken)) ?? throw ChatErrors.ChatNotFound(key.ChatId);
            turns.AddRange(page.Turns.Where(turn => turn.Outcome!.Open));
            hasMore = page.HasMore;
            range = range with { AfterSequence = page.Turns.Count > 0 ? page.Turns[^1].Sequence : range.AfterSequence };
        }

        Forget();
        _turns.AddRange(turns);
        _first = first;
    }
}
