using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>Finds recorded turns by what requests name them with: a revision, or the ID of a turn to regenerate.</summary>
internal sealed class TurnFinder(ChatState chat)
{
    /// <summary>Finds the turn that has a revision in the chat as cached. 0: the initial history.</summary>
    /// <exception cref="ChatException">There is no such turn.</exception>
    public Task<TurnInput.Types.Parent> FindAsync(long revision, string field) => chat.ReadAsync(store =>
        FindAsync(store, new ChatSnapshot(chat.RequireChat(), chat.LastSequence, []), revision, field, CancellationToken.None));

    /// <summary>Finds the turn that has a revision in any chat. 0: the initial history.</summary>
    /// <exception cref="ChatException">There is no such turn.</exception>
    public static async Task<TurnInput.Types.Parent> FindAsync(
        IChatStore store, ChatSnapshot snapshot, long revision, string field, CancellationToken cancellationToken)
    {
        var record = snapshot.Chat;
        var tree = new HistoryTree(record.Tree, record.Revision);
        var wanted = revision > 0 ? revision : 1;
        var turn = tree.RangeOf(wanted) is { } range ? await store.FindRevisionAsync(record.Key, wanted, range, cancellationToken) : null;
        if (revision > 0)
        {
            return turn is null
                ? throw ChatErrors.RevisionNotFound(revision, field)
                : new TurnInput.Types.Parent { Sequence = turn.Sequence, Revision = revision };
        }

        // The initial history is what comes before the first turn, on whichever branch that is.
        var next = turn?.Sequence ?? (record.Tree is { Branches: [var branch, ..] } ? branch.FirstSequence : snapshot.LastSequence + 1);
        return new TurnInput.Types.Parent { Sequence = next - 1 };
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
        var message = turn.Revision == 0 ? null : (await chat.ReadAsync(s => s.ReadInputAsync(chat.Key, turnId, CancellationToken.None)))?.Message;
        return message is null
            ? throw ChatErrors.NotRegenerable(turnId)
            : request.Resolve(message, await FindAsync(chat.Tree.ParentOf(turn.Revision), "regenerate_turn_id"));
    }
}
