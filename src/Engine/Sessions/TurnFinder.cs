namespace GenAI.Chats.Engine.Sessions;

/// <summary>Finds recorded turns by what requests name them with: a revision, or the ID of a turn to regenerate.</summary>
internal sealed class TurnFinder(ChatState chat)
{
    /// <summary>Finds the turn that has a revision in the chat as cached. 0: the initial history.</summary>
    /// <exception cref="ChatException">There is no such turn.</exception>
    public Task<TurnInput.Types.Parent> FindAsync(long revision, string field) => chat.ReadAsync(store =>
        FindAsync(store, chat.RequireChat(), revision, field, CancellationToken.None));

    /// <summary>Finds the turn that has a revision in any chat. 0: the initial history.</summary>
    /// <exception cref="ChatException">There is no such turn.</exception>
    public static async Task<TurnInput.Types.Parent> FindAsync(
        IChatStore store, ChatRecord record, long revision, string field, CancellationToken cancellationToken)
    {
        if (revision <= 0)
        {
            return new TurnInput.Types.Parent { Sequence = await FindInitialAsync(store, record, cancellationToken) };
        }

        var turn = new HistoryTree(record.Tree, record.Revision).RangeOf(revision) is { } range
            ? await store.FindRevisionAsync(record.Key, revision, range, cancellationToken)
            : null;
        return turn is null
            ? throw ChatErrors.RevisionNotFound(revision, field)
            : new TurnInput.Types.Parent { Sequence = turn.Sequence, Revision = revision };
    }

    /// <summary>Resolves a request to open a branch: which turn it follows, and the message that it sends again.</summary>
    /// <exception cref="ChatException">The request names a turn that doesn't exist, or that has no message.</exception>
    public async ValueTask<TurnRequest> ResolveAsync(TurnRequest request)
    {
        if (request.Input.RegeneratedTurnId is not { Length: > 0 } turnId)
        {
            return request.Resolve(request.Input.Message, await FindAsync(request.Input.Parent.Revision, "after_revision"));
        }

        var turn = await chat.ReadAsync(s => s.FindTurnAsync(chat.Key, turnId, CancellationToken.None)) ?? throw ChatErrors.TurnNotFound(turnId);
        if (turn.Revision > 0 && chat.Tree.RangeOf(turn.Revision) is null)
        {
            // Recorded elsewhere since this session read the chat, so that its parent isn't known.
            throw ChatErrors.TurnNotFound(turnId);
        }

        var message = turn.Revision == 0 ? null : (await chat.ReadAsync(s => s.ReadInputAsync(chat.Key, turnId, CancellationToken.None)))?.Message;
        return message is null
            ? throw ChatErrors.NotRegenerable(turnId)
            : request.Resolve(message, await FindAsync(chat.Tree.ParentOf(turn.Revision), "regenerate_turn_id"));
    }

    // Returns the number of the last piece of the initial history, which comes before all turns. 0: it is empty.
    private static async Task<long> FindInitialAsync(IChatStore store, ChatRecord record, CancellationToken cancellationToken)
    {
        var tree = new HistoryTree(record.Tree, record.Revision);
        var first = tree.RangeOf(1) is { } range ? await store.FindRevisionAsync(record.Key, 1, range, cancellationToken) : null;
        var before = new LogRange(0, 1, long.MaxValue)
        {
            Scope = LogScope.Branches,
            NewestFirst = true,
            BeforeSequence = first?.Sequence ?? (record.Tree is { Branches: [var branch, ..] } ? branch.FirstSequence : long.MaxValue),
        };
        while (await store.ReadLogAsync(record.Key, before, cancellationToken) is { Turns: [var turn] })
        {
            if (turn.TurnId.Length == 0)
            {
                return turn.Sequence;
            }

            // Recorded since the chat was read.
            before = before with { BeforeSequence = turn.Sequence };
        }

        return 0;
    }
}
