namespace GenAI.Chats.Engine.Storage;

/// <summary>When chats expire.</summary>
public static class ChatExpiry
{
    /// <summary>Returns the expire time of a chat that is created, or that gets other settings for it.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="now">The time of the commit, by the store's clock.</param>
    public static DateTimeOffset? Of(ChatSettings settings, DateTimeOffset now) =>
        settings.ExpireTime is { } fixedTime ? fixedTime.ToDateTimeOffset()
        : settings.Ttl is { } ttl ? now + ttl.ToTimeSpan()
        : null;

    /// <summary>Returns the expire time of a chat after a change of its head, which never moves it back.</summary>
    /// <param name="expireTime">The expire time before.</param>
    /// <param name="ttl">The time for which the change keeps the chat, if it does.</param>
    /// <param name="now">The time of the commit, by the store's clock.</param>
    public static DateTimeOffset? Extend(DateTimeOffset? expireTime, TimeSpan? ttl, DateTimeOffset now) =>
        now + ttl is { } extended && extended > expireTime ? extended : expireTime;
}
