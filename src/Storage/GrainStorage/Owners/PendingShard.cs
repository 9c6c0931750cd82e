namespace GenAI.Chats.Storage.GrainStorage.Owners;

/// <summary>
/// A part of the list of chats for which this server might have been the last to write a pending turn. A chat stays in the list for a while after its
/// turn has ended, so that the next turn doesn't need to write it again.
/// </summary>
internal sealed class PendingShard(SharedRecord<ServerChatsRecord> record)
{
    // The number of chats without a pending turn that stay.
    private const int MaxIdle = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<ChatKey, PendingChat> _chats = [];
    private long _uses;

    /// <summary>Whether a chat might have a pending turn.</summary>
    public bool HasPending
    {
        get
        {
            lock (_lock)
            {
                return _chats.Values.Any(chat => !chat.IsIdle);
            }
        }
    }

    /// <summary>Ensures that the chat is in the record, before a commit that leaves it with a pending turn.</summary>
    /// <param name="key">The chat.</param>
    /// <param name="createTime">The create time of the turn.</param>
    /// <param name="isSure">Whether the record is certainly as this server wrote it. Otherwise, it is written again.</param>
    public async Task AddAsync(ChatKey key, long createTime, bool isSure)
    {
        PendingChat chat;
        lock (_lock)
        {
            if (!_chats.TryGetValue(key, out chat!))
            {
                _chats.Add(key, chat = new PendingChat(key));
            }

            (chat.IsIdle, chat.IsKnown, chat.CreateTime, chat.LastUse) = (false, false, createTime, ++_uses);
            if (chat.IsWritten && isSure)
            {
                return;
            }
        }

        await WriteAsync().ConfigureAwait(false);
        lock (_lock)
        {
            chat.IsWritten = true;
        }
    }

    /// <summary>Writes the record.</summary>
    public Task WriteAsync() => record.UpdateAsync(Fill);

    /// <summary>Notes the result of a commit.</summary>
    /// <param name="key">The chat.</param>
    /// <param name="first">Its first pending turn, or null.</param>
    public void Note(ChatKey key, LogTurn? first)
    {
        lock (_lock)
        {
            if (_chats.TryGetValue(key, out var chat))
            {
                chat.IsIdle = first is null;
                chat.IsKnown = true;
                chat.CreateTime = first?.CreateTime ?? chat.CreateTime;
                chat.Owner = first is { HasOwner: true } ? first.Owner : null;
            }
        }
    }

    /// <summary>Returns the chats that might have a pending turn, with its owner as far as this server knows.</summary>
    public IReadOnlyList<PendingChat> Pending()
    {
        lock (_lock)
        {
            return [.. _chats.Values.Where(chat => !chat.IsIdle).Select(chat => chat with { })];
        }
    }

    private bool Fill(ServerChatsRecord all)
    {
        lock (_lock)
        {
            foreach (var idle in _chats.Values.Where(chat => chat.IsIdle).OrderByDescending(chat => chat.LastUse).Skip(MaxIdle).ToList())
            {
                _chats.Remove(idle.Key);
            }

            all.Format = RecordFormat.Linear;
            all.Writes++;
            all.Entries.Clear();
            all.Entries.AddRange(_chats.Values.Select(chat => new ServerChatsRecord.Types.Entry
            {
                Tenant = chat.Key.Tenant,
                ChatId = chat.Key.ChatId,
                CreateTime = chat.CreateTime,
            }));
            return true;
        }
    }
}

/// <summary>A chat that might have a pending turn.</summary>
internal sealed record PendingChat(ChatKey Key)
{
    /// <summary>Whether the chat is in the record.</summary>
    public bool IsWritten { get; set; }

    /// <summary>Whether the last commit of this server left no pending turn.</summary>
    public bool IsIdle { get; set; }

    /// <summary>Whether the result of the last commit of this server is known.</summary>
    public bool IsKnown { get; set; }

    /// <summary>The create time of the first pending turn.</summary>
    public long CreateTime { get; set; }

    /// <summary>The owner of the first pending turn.</summary>
    public string? Owner { get; set; }

    public long LastUse { get; set; }
}
