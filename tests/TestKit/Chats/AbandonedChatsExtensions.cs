using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.TestKit.Chats;

/// <summary>Chats that nobody runs, whatever their owner.</summary>
internal static class AbandonedChatsExtensions
{
    /// <summary>The chats, those of owners that are gone first.</summary>
    public static async Task<IReadOnlyList<ChatKey>> AbandonedAsync(this IOwnerStore store, int maxChats = 100)
    {
        var gone = await store.FindAbandonedAsync(new AbandonedQuery(HasOwner: true, maxChats), CancellationToken.None);
        var ownerless = await store.FindAbandonedAsync(new AbandonedQuery(HasOwner: false, maxChats), CancellationToken.None);
        return [.. gone.Concat(ownerless).Select(chat => chat.Key)];
    }
}
