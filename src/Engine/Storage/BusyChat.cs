namespace GenAI.Chats.Engine.Storage;

/// <summary>A chat with pending turns. Such chats are ordered by time, then by key.</summary>
/// <param name="Key">The chat.</param>
/// <param name="CreateTime">
/// The create time of its first pending turn. If the server that wrote it is gone, a store might only know that of an earlier turn.
/// </param>
public readonly record struct BusyChat(ChatKey Key, DateTimeOffset CreateTime)
{
    /// <summary>Indicates whether this chat comes after another one; always true if the other one is null.</summary>
    public bool IsAfter(BusyChat? other) => other is not { } place
        || (CreateTime, string.CompareOrdinal(Key.Tenant, place.Key.Tenant), string.CompareOrdinal(Key.ChatId, place.Key.ChatId)).CompareTo((place.CreateTime, 0, 0)) > 0;
}
