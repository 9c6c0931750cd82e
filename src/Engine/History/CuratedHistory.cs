using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.History;

/// <summary>
/// The contents that a model is sent with a chat's next turn. Read from the store when a model first asks for them, a page at a time; after that each
/// turn adds its own, or is read when it was recorded elsewhere.
/// </summary>
internal sealed class CuratedHistory(ChatKey key, string incarnation, IChatStore store)
{
    private readonly LogRange _page = new(0, 500, 4 * 1024 * 1024, Incarnation: incarnation);
    private readonly SentContents _contents = new();
    private long _through;
    private long _revision;

    /// <summary>The curated contents of all turns up to one.</summary>
    /// <param name="lastSequence">The turn before the one that asks, or before an exchange that is open: its turns may become curated later.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async ValueTask<IReadOnlyList<Content>> ReadAsync(long lastSequence, CancellationToken cancellationToken)
    {
        while (_through < lastSequence)
        {
            var page = await store.ReadLogAsync(key, _page with { AfterSequence = _through }, cancellationToken)
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
    /// Adds the turn that has just ended. It is left to be read where the history before it has not been; so is one that opens an exchange, and with it all
    /// that follow.
    /// </summary>
    public void Add(TurnRecord turn)
    {
        if (_through > 0 && turn.Revision == _revision + 1 && !turn.Outcome!.Open)
        {
            Append(turn);
        }
    }

    /// <summary>A recorded turn's contents in order, each with whether curated history has it.</summary>
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

    /// <summary>The contents that curated history has once it has the turn.</summary>
    public static IEnumerable<Content> Curable(TurnRecord turn) =>
        Contents(turn with { Curated = true }).Where(c => c.Curated).Select(c => c.Content);

    private void Append(TurnRecord turn)
    {
        _through = turn.Sequence;
        _revision = turn.Revision;
        if (turn.Curated)
        {
            foreach (var content in Curable(turn))
            {
                _contents.Add(content);
            }
        }
    }
}
