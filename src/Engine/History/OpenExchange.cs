using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.Engine.History;

/// <summary>
/// The turns at a chat's end whose function calls wait for their responses: from the user's message to the last answer with calls. They are curated
/// together with the turn whose answer calls nothing more, or never. Read from the store when a message first answers them.
/// </summary>
internal sealed class OpenExchange(ChatKey key, string incarnation, IChatStore store)
{
    private readonly LogRange _page = new(0, 100, 4 * 1024 * 1024, Incarnation: incarnation);
    private readonly List<TurnRecord> _turns = [];
    private long _first;

    /// <summary>The turns' places in the log.</summary>
    public IReadOnlyList<long> Sequences => _turns.ConvertAll(turn => turn.Sequence);

    /// <summary>Reads the exchange, unless it is known.</summary>
    /// <param name="first">Its first turn; 0: there is none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async ValueTask ReadAsync(long first, CancellationToken cancellationToken)
    {
        if (first == _first)
        {
            return;
        }

        var turns = new List<TurnRecord>();
        var range = _page with { AfterSequence = first - 1 };
        for (var hasMore = first > 0; hasMore;)
        {
            var page = await store.ReadLogAsync(key, range, cancellationToken) ?? throw ChatErrors.ChatNotFound(key.ChatId);
            turns.AddRange(page.Turns.Where(turn => turn.Outcome!.Open));
            hasMore = page.HasMore;
            range = range with { AfterSequence = page.Turns.Count > 0 ? page.Turns[^1].Sequence : range.AfterSequence };
        }

        Forget();
        _turns.AddRange(turns);
        _first = first;
    }

    /// <summary>What is known may be out of date.</summary>
    public void Forget()
    {
        _turns.Clear();
        _first = 0;
    }

    /// <summary>A turn was recorded.</summary>
    /// <param name="first">The exchange's first turn from now on; 0: there is none.</param>
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

    /// <summary>The contents, as a model is sent them.</summary>
    public SentContents Contents()
    {
        var contents = new SentContents();
        foreach (var content in _turns.SelectMany(CuratedHistory.Curable))
        {
            contents.Add(content);
        }

        return contents;
    }

    /// <summary>The calls that wait for their responses.</summary>
    public OpenCalls Calls()
    {
        var calls = new OpenCalls();
        foreach (var content in _turns.SelectMany(CuratedHistory.Curable))
        {
            calls.Add(content);
        }

        return calls;
    }
}
