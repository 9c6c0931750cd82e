namespace GenAI.Chats.Engine.Storage;

/// <summary>Which part of a chat's log to read.</summary>
/// <param name="AfterSequence">Turns after this one. 0: from the first.</param>
/// <param name="MaxTurns">At most so many.</param>
/// <param name="MaxBytes">No further turn once so many bytes of input and outcome were read; at least one turn comes.</param>
/// <param name="Whole">Whether turns come too that are not in the history, pending ones among them.</param>
/// <param name="Curated">Whether only curated turns come. Of the others no contents are read.</param>
/// <param name="Incarnation">Only of the chat with this incarnation. Null: of any.</param>
internal readonly record struct LogRange(
    long AfterSequence, int MaxTurns, long MaxBytes, bool Whole = false, bool Curated = false, string? Incarnation = null);

/// <summary>Turns of a chat's log, in order.</summary>
/// <param name="Turns">The recorded ones: those with a revision, and the initial history; all where the range is whole.</param>
/// <param name="Revision">The chat's revision when the page was read.</param>
/// <param name="HasMore">Whether further ones follow the last.</param>
/// <param name="Incarnation">The chat's incarnation.</param>
internal sealed record LogPage(IReadOnlyList<TurnRecord> Turns, long Revision, bool HasMore, string Incarnation);

/// <summary>Which of a tenant's chats to list.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Labels">Only chats that have all these labels.</param>
/// <param name="PageSize">At most so many.</param>
/// <param name="After">Only those after this place; null: from the newest.</param>
internal sealed record ChatListQuery(string Tenant, IReadOnlyList<KeyValuePair<string, string>> Labels, int PageSize, ChatListPosition? After);

/// <summary>A place in a list of chats, which has the newest change first and then goes by id.</summary>
internal readonly record struct ChatListPosition(DateTimeOffset UpdateTime, string ChatId);

/// <summary>Chats of a tenant.</summary>
/// <param name="Chats">Newest change first, their settings without the config.</param>
/// <param name="Next">Where the next page starts; null when there is none.</param>
internal sealed record ChatListPage(IReadOnlyList<ChatSnapshot> Chats, ChatListPosition? Next);

/// <summary>Which chats with turns that no server runs to find.</summary>
/// <param name="HasOwner">Whether the first pending turn has an owner, which is gone; else it has none.</param>
/// <param name="MaxChats">At most so many.</param>
/// <param name="After">Only those after this one; null: from the one that has waited longest.</param>
internal readonly record struct AbandonedQuery(bool HasOwner, int MaxChats, AbandonedChat? After = null);

/// <summary>A chat with a turn that no server runs, and its place among such chats: by the time, then by the key.</summary>
/// <param name="Key">The chat.</param>
/// <param name="CreateTime">Its first pending turn's. Of a server that is gone it may be known only what an earlier one had.</param>
internal readonly record struct AbandonedChat(ChatKey Key, DateTimeOffset CreateTime)
{
    /// <summary>Whether this one comes after another.</summary>
    public bool IsAfter(AbandonedChat? other) => other is not { } place
        || (CreateTime, string.CompareOrdinal(Key.Tenant, place.Key.Tenant), string.CompareOrdinal(Key.ChatId, place.Key.ChatId)).CompareTo((place.CreateTime, 0, 0)) > 0;
}
