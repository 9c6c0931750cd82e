namespace GenAI.Chats.Engine.History;

/// <summary>Converts recorded turns to messages of the contract, with their places in the chat's tree.</summary>
internal sealed class TurnViews(ChatKey key, IChatStore store, ChatRecord chat)
{
    private readonly HistoryTree _tree = new(chat.Tree, chat.Revision);

    /// <summary>Converts a turn.</summary>
    /// <param name="turn">The turn, with its input if the view is full.</param>
    /// <param name="isFull">Whether the view contains the message and the output.</param>
    /// <param name="cancellationToken">A token to cancel reads.</param>
    public async ValueTask<Turn> OfAsync(TurnRecord turn, bool isFull, CancellationToken cancellationToken)
    {
        var view = Views.Turn(turn);
        if (turn.IsPending)
        {
            view.Model = Views.ModelOf(turn, chat);
        }

        if (turn.Revision > 0)
        {
            view.ParentRevision = _tree.ParentOf(turn.Revision);
            view.InHistory = _tree.IsInHistory(turn.Revision);
            view.Curated = turn.Curated && (!view.InHistory || !turn.Outcome!.Open || await IsClosedAsync(turn, cancellationToken));
        }
        else if (turn.HasInput && (turn.Input.Parent?.Revision ?? (turn.IsPending ? _tree.HeadRevision : null)) is { } parent)
        {
            view.ParentRevision = parent;
        }

        if (isFull)
        {
            view.Message = turn.Input.Message;
            view.Output.Add(turn.Outcome?.Contents ?? []);
        }

        return view;
    }

    // Whether a later turn in the history closes the turn's exchange. It may have been closed on another branch only.
    private async Task<bool> IsClosedAsync(TurnRecord turn, CancellationToken cancellationToken)
    {
        if (chat.OpenSequence > 0 && turn.Sequence >= chat.OpenSequence)
        {
            return false;
        }

        var range = new LogRange(turn.Sequence, 16, HistoryPager.MaxReplyBytes, chat.Incarnation) { Path = ChatPaths.ToHead(chat.Tree), Curated = true };
        while (await store.ReadLogAsync(key, range, cancellationToken) is { Turns.Count: > 0 } page)
        {
            foreach (var next in page.Turns)
            {
                if (!Exchanges.Continues(next))
                {
                    return false;
                }

                if (!next.Outcome!.Open)
                {
                    return true;
                }
            }

            range = range with { AfterSequence = page.Turns[^1].Sequence };
        }

        return false;
    }
}
