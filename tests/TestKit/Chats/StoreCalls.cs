using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;

namespace GenAI.Chats.TestKit.Chats;

/// <summary>Calls of stores in few words.</summary>
internal static class StoreCalls
{
    /// <summary>Deletes a chat under a new request id, and returns whether there was one.</summary>
    public static async Task<bool> DeleteAsync(this IChatStore store, ChatKey key) =>
        await store.DeleteAsync(key, new DeleteStep(Guid.NewGuid().ToString("N"), Make.Time, DateTimeOffset.MinValue)) is Deletion.Done;

    /// <summary>Reads what is kept of a turn by its number.</summary>
    public static async Task<IReadOnlyList<TurnProgress>> ReadProgressAsync(this IChatStore store, ChatKey key, long sequence, CancellationToken cancellationToken) =>
        await store.ReadLogAsync(key, new LogRange(sequence - 1, 1, long.MaxValue, Whole: true), cancellationToken) is { Turns: [{ } turn] }
            ? await store.ReadProgressAsync(key, turn.TurnId, cancellationToken)
            : [];
}
