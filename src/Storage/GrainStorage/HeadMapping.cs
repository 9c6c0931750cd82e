using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Records;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>Heads between their record and the store's.</summary>
internal static class HeadMapping
{
    /// <summary>The head of a chat that is new, with an empty log.</summary>
    public static ChatHead.Types.Chat ToHead(ChatRecord chat, Payload? config, int segment)
    {
        var settings = chat.Settings.Clone();
        settings.Config = null;
        return new ChatHead.Types.Chat
        {
            Version = chat.Version,
            Settings = settings,
            Config = config,
            Revision = chat.Revision,
            TurnCount = chat.TurnCount,
            HistoryBytes = chat.HistoryBytes,
            TotalUsage = chat.TotalUsage?.Clone(),
            OpenSequence = chat.OpenSequence,
            CreateTime = chat.CreateTime.UtcTicks,
            UpdateTime = chat.UpdateTime.UtcTicks,
            CreateRequestId = chat.CreateRequestId,
            CreateRequestHash = ByteString.CopyFrom(chat.CreateRequestHash.Span),
            Segment = segment,
            Incarnation = chat.Incarnation,
        };
    }

    /// <param name="key">The chat.</param>
    /// <param name="chat">Its head.</param>
    /// <param name="config">The config's bytes; null: none, or left out.</param>
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
            HistoryBytes = chat.HistoryBytes,
            TotalUsage = chat.TotalUsage?.Clone(),
            OpenSequence = chat.OpenSequence,
            CreateTime = Ticks.ToTime(chat.CreateTime),
            UpdateTime = Ticks.ToTime(chat.UpdateTime),
            CreateRequestId = chat.CreateRequestId,
            CreateRequestHash = chat.CreateRequestHash.ToByteArray(),
            Incarnation = chat.Incarnation,
        };
    }

    public static LogTurn? FirstPending(ChatHead.Types.Chat chat) => chat.Tail.FirstOrDefault(TurnMapping.IsPending);

    public static ChatPlace PlaceOf(ChatHead.Types.Chat chat) =>
        new(chat.Version, chat.Revision, FirstPending(chat) is { } turn ? TurnMapping.PlaceOf(turn) : null);
}
