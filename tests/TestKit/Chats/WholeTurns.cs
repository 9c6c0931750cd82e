using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.TestKit.Chats;

/// <summary>Reads that leave the inputs of turns out, with the inputs, so that all of a turn is compared.</summary>
internal static class WholeTurns
{
    public static async Task<TurnRecord?> FindWholeTurnAsync(this IChatStore store, ChatKey key, string turnId, CancellationToken cancellationToken)
    {
        var turn = await store.FindTurnAsync(key, turnId, cancellationToken);
        return turn is null ? null : await WithInputAsync(store, key, turn, cancellationToken);
    }

    public static async Task<ChatSnapshot?> LoadWholeAsync(this IChatStore store, ChatKey key, CancellationToken cancellationToken)
    {
        var snapshot = await store.LoadAsync(key, cancellationToken);
        return snapshot is null ? null : await WithInputsAsync(store, snapshot, cancellationToken);
    }

    public static async Task<ChatListPage> ListWholeAsync(this IChatStore store, ChatListQuery query, CancellationToken cancellationToken)
    {
        var page = await store.ListAsync(query, cancellationToken);
        var chats = new List<ChatSnapshot>();
        foreach (var chat in page.Chats)
        {
            chats.Add(await WithInputsAsync(store, chat, cancellationToken));
        }

        return page with { Chats = chats };
    }

    private static async Task<ChatSnapshot> WithInputsAsync(IChatStore store, ChatSnapshot snapshot, CancellationToken cancellationToken)
    {
        var pending = new List<TurnRecord>();
        foreach (var turn in snapshot.Pending)
        {
            pending.Add(await WithInputAsync(store, snapshot.Chat.Key, turn, cancellationToken));
        }

        return snapshot with { Pending = pending };
    }

    private static async Task<TurnRecord> WithInputAsync(IChatStore store, ChatKey key, TurnRecord turn, CancellationToken cancellationToken)
    {
        var input = (await store.ReadInputAsync(key, turn.TurnId, cancellationToken))!;
        return !turn.HasInput && turn.InputBytes == input.CalculateSize()
            ? turn with { Input = input }
            : throw new InvalidOperationException($"Turn {turn.TurnId} comes with its input, or with the wrong size: {turn.InputBytes}.");
    }
}
