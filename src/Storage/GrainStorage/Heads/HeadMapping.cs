using GenAI.Chats.V1;

namespace GenAI.Chats.Storage.GrainStorage.Heads;

/// <summary>Converts heads between their message and the contract's record.</summary>
internal static class HeadMapping
{
    /// <summary>Returns the head of a new chat, with an empty log and no config.</summary>
    public static ChatHead.Types.Chat ToHead(ChatRecord chat, ChatSettings settings, int segment, DateTimeOffset now)
    {
        var head = new ChatHead.Types.Chat
        {
            Version = chat.Version,
            Settings = settings,
            Revision = chat.Revision,
            TurnCount = chat.TurnCount,
            StoredBytes = chat.StoredBytes,
            TotalUsage = chat.TotalUsage?.Clone(),
            OpenSequence = chat.OpenSequence,
            CreateTime = chat.CreateTime.UtcTicks,
            UpdateTime = chat.UpdateTime.UtcTicks,
            CreateRequestId = chat.CreateRequestId,
            CreateRequestHash = ByteString.CopyFrom(chat.CreateRequestHash.Span),
            Segment = segment,
            Incarnation = chat.Incarnation,
            Tree = chat.Tree?.Clone(),
        };
        SetExpireTime(head, ChatExpiry.Of(chat.Settings, now));
        return head;
    }

    public static DateTimeOffset? ExpireTimeOf(ChatHead.Types.Chat chat) => chat.HasExpireTime ? Ticks.ToTime(chat.ExpireTime) : null;

    public static void SetExpireTime(ChatHead.Types.Chat chat, DateTimeOffset? time)
    {
        chat.ClearExpireTime();
        if (time is { } set)
        {
            chat.ExpireTime = set.UtcTicks;
        }
    }

    /// <summary>Returns a head as a record.</summary>
    /// <param name="key">The chat.</param>
    /// <param name="chat">Its head.</param>
    /// <param name="config">The bytes of the config, or null.</param>
    public static ChatRecord FromHead(ChatKey key, ChatHead.Types.Chat chat, byte[]? config)
    {
        var settings = chat.Settings.Clone();
        settings.Config = config is null ? null : GenerateContentConfig.Parser.Parse(config);
        return new ChatRecord
        {
            Key = key,
            Version = chat.Version,
            Settings = settings,
            Revision = chat.Revision,
            TurnCount = chat.TurnCount,
            StoredBytes = chat.StoredBytes,
            TotalUsage = chat.TotalUsage?.Clone(),
            OpenSequence = chat.OpenSequence,
            CreateTime = Ticks.ToTime(chat.CreateTime),
            UpdateTime = Ticks.ToTime(chat.UpdateTime),
            CreateRequestId = chat.CreateRequestId,
            CreateRequestHash = chat.CreateRequestHash.ToByteArray(),
            Incarnation = chat.Incarnation,
            Tree = chat.Tree?.Clone(),
            ExpireTime = ExpireTimeOf(chat),
        };
    }

    /// <summary>Returns the parts of the log that weren't erased, and that a fork has from its source.</summary>
    public static IReadOnlyList<SequenceRange> RangesOf(ChatHead.Types.Chat chat) =>
        chat.Ranges.Count == 0 ? [SequenceRange.All] : [.. chat.Ranges.Select(range => new SequenceRange(range.First, range.Last))];

    public static void SetRanges(ChatHead.Types.Chat chat, IEnumerable<SequenceRange> ranges)
    {
        chat.Ranges.Clear();
        chat.Ranges.Add(ranges.Select(range => new ChatHead.Types.Range { First = range.First, Last = range.Last }));
    }

    public static LogTurn? FirstPending(ChatHead.Types.Chat chat) => chat.Tail.FirstOrDefault(TurnMapping.IsPending);

    public static ChatPlace PlaceOf(ChatHead.Types.Chat chat) =>
        new(chat.Version, chat.Revision, FirstPending(chat) is { } turn ? TurnMapping.PlaceOf(turn) : null);
}
