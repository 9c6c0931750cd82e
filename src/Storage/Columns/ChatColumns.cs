using GenAI.Chats.V1;

namespace GenAI.Chats.Storage.Columns;

/// <summary>The columns of a chat's head, which are the same in all databases.</summary>
internal static class ChatColumns
{
    /// <summary>The columns that <see cref="Read"/> reads, of tables chats c and settings s. The config can follow.</summary>
    public const string Names = """
        c.id, c.tenant, c.chat_id, c.version, c.revision, c.turn_count, c.history_bytes, c.total_usage,
        c.create_time, c.update_time, c.create_request_id, c.create_request_hash, c.open_sequence, c.incarnation, s.settings,
        c.base_sequence, c.expire_time, (SELECT tree.data FROM trees tree WHERE tree.chat = c.id)
        """;

    private const int ConfigColumn = 18;

    /// <summary>Reads a chat, with settings that don't include the config.</summary>
    public static ChatRow Read<TRow>(TRow row)
        where TRow : IStoredRow => new(
        row.Int64(0),
        new ChatRecord
        {
            Key = new ChatKey(row.Text(1), row.Text(2)),
            Version = row.Int64(3),
            Revision = row.Int64(4),
            TurnCount = row.Int64(5),
            StoredBytes = row.Int64(6),
            TotalUsage = row.IsNull(7) ? null : UsageMetadata.Parser.ParseFrom(row.Bytes(7)),
            CreateTime = Ticks.ToTime(row.Int64(8)),
            UpdateTime = Ticks.ToTime(row.Int64(9)),
            CreateRequestId = row.Text(10),
            CreateRequestHash = row.Bytes(11).ToArray(),
            OpenSequence = row.IsNull(12) ? 0 : row.Int64(12),
            Incarnation = row.Text(13),
            Settings = ChatSettings.Parser.ParseFrom(row.Bytes(14)),
            ExpireTime = row.IsNull(16) ? null : Ticks.ToTime(row.Int64(16)),
            Tree = row.IsNull(17) ? null : ChatTree.Parser.ParseFrom(row.Bytes(17)),
        },
        row.IsNull(15) ? null : row.Int64(15));

    /// <summary>Reads a chat, with settings that include the config.</summary>
    public static ChatRow ReadWithConfig<TRow>(TRow row)
        where TRow : IStoredRow
    {
        var chat = Read(row);
        if (!row.IsNull(ConfigColumn))
        {
            chat.Record.Settings.Config = GenerateContentConfig.Parser.ParseFrom(row.Bytes(ConfigColumn));
        }

        return chat;
    }
}

/// <summary>A chat, and the ID of its row.</summary>
/// <param name="Id">The ID of its row.</param>
/// <param name="Record">The chat.</param>
/// <param name="BaseSequence">If set, the chat has some parts of logs; see <see cref="Logs.VisibleLog"/>. The number of the last turn before its own.</param>
internal readonly record struct ChatRow(long Id, ChatRecord Record, long? BaseSequence);
