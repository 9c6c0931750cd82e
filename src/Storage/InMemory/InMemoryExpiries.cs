namespace GenAI.Chats.Storage.InMemory;

/// <summary>The chats that expire and have no pending turn, by time. The store's lock protects them.</summary>
internal sealed class InMemoryExpiries
{
    private static readonly Comparer<(DateTimeOffset Time, string Tenant, string ChatId)> Order = Comparer<(DateTimeOffset Time, string Tenant, string ChatId)>.Create(
        static (one, other) => one.Time != other.Time ? one.Time.CompareTo(other.Time)
            : string.CompareOrdinal(one.Tenant, other.Tenant) is not 0 and var order ? order
            : string.CompareOrdinal(one.ChatId, other.ChatId));

    private readonly SortedDictionary<(DateTimeOffset Time, string Tenant, string ChatId), InMemoryChat> _chats = new(Order);
    private readonly Dictionary<InMemoryChat, DateTimeOffset> _times = [];

    /// <summary>Adds a chat if it expires, and removes its former time.</summary>
    public void Set(InMemoryChat chat)
    {
        Remove(chat);
        if (chat.Record.ExpireTime is { } time && chat.FirstPending is null)
        {
            _times.Add(chat, time);
            _chats.Add((time, chat.Record.Key.Tenant, chat.Record.Key.ChatId), chat);
        }
    }

    /// <summary>Removes a chat.</summary>
    public void Remove(InMemoryChat chat)
    {
        if (_times.Remove(chat, out var time))
        {
            _chats.Remove((time, chat.Record.Key.Tenant, chat.Record.Key.ChatId));
        }
    }

    /// <summary>Returns the chats that have expired.</summary>
    public IReadOnlyList<InMemoryChat> Due(DateTimeOffset now) =>
        _chats.Count == 0 ? [] : [.. _chats.TakeWhile(entry => entry.Key.Time <= now).Select(entry => entry.Value)];
}
