using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>
/// Heads of chats as rows. A head is small, as each turn rewrites it; the settings, which may be large, have a table of their own.
/// </summary>
internal static class ChatRows
{
    /// <summary>What <see cref="Read"/> reads, from chats c and settings s; the config may follow.</summary>
    public const string Columns = """
        c.id, c.tenant, c.chat_id, c.version, c.revision, c.turn_count, c.history_bytes, c.total_usage,
        c.create_time, c.update_time, c.create_request_id, c.create_request_hash, c.open_sequence, c.incarnation, s.settings
        """;

    private const int ConfigColumn = 15;

    /// <summary>Finds a chat.</summary>
    public static ChatRow? Find(SqliteSession session, ChatKey key)
    {
        using var row = session.Query(
            $"SELECT {Columns}, s.config FROM chats c JOIN settings s ON s.chat = c.id WHERE c.tenant = ?1 AND c.chat_id = ?2",
            key.Tenant, key.ChatId);
        if (!row.Read())
        {
            return null;
        }

        var chat = Read(row);
        if (!row.IsNull(ConfigColumn))
        {
            chat.Record.Settings.Config = GenerateContentConfig.Parser.ParseFrom(row.Bytes(ConfigColumn));
        }

        return chat;
    }

    /// <summary>Finds only what preconditions ask of a chat.</summary>
    public static ChatHead? FindHead(SqliteSession session, ChatKey key)
    {
        using var row = session.Query("SELECT id, version, revision, incarnation FROM chats WHERE tenant = ?1 AND chat_id = ?2", key.Tenant, key.ChatId);
        return row.Read() ? new ChatHead(row.Int64(0), row.Int64(1), row.Int64(2), row.Text(3)) : null;
    }

    /// <summary>The chat at the current row, its settings without the config.</summary>
    public static ChatRow Read(SqliteRows row) => new(
        row.Int64(0),
        new ChatRecord
        {
            Key = new ChatKey(row.Text(1), row.Text(2)),
            Version = row.Int64(3),
            Revision = row.Int64(4),
            TurnCount = row.Int64(5),
            HistoryBytes = row.Int64(6),
            TotalUsage = row.IsNull(7) ? null : UsageMetadata.Parser.ParseFrom(row.Bytes(7)),
            CreateTime = Ticks.ToTime(row.Int64(8)),
            UpdateTime = Ticks.ToTime(row.Int64(9)),
            CreateRequestId = row.Text(10),
            CreateRequestHash = row.Bytes(11).ToArray(),
            OpenSequence = row.IsNull(12) ? 0 : row.Int64(12),
            Incarnation = row.Text(13),
            Settings = ChatSettings.Parser.ParseFrom(row.Bytes(14)),
        });

    /// <summary>Adds a chat and returns its row's id.</summary>
    public static long Insert(SqliteSession session, ChatRecord chat, StoredSettings settings)
    {
        var id = session.Insert(
            """
            INSERT INTO chats (tenant, chat_id, version, revision, turn_count, history_bytes, total_usage,
                create_time, update_time, create_request_id, create_request_hash, open_sequence, incarnation)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            """,
            chat.Key.Tenant, chat.Key.ChatId, chat.Version, chat.Revision, chat.TurnCount, chat.HistoryBytes, chat.TotalUsage?.ToByteArray(),
            chat.CreateTime.UtcTicks, chat.UpdateTime.UtcTicks, chat.CreateRequestId, chat.CreateRequestHash.ToArray(), NullIfNone(chat.OpenSequence),
            chat.Incarnation);
        session.Execute("INSERT INTO settings (chat, settings, config) VALUES (?1, ?2, ?3)", id, settings.Settings, settings.Config);
        return id;
    }

    /// <summary>Changes what the end of a turn changes.</summary>
    public static void Change(SqliteSession session, long chat, HeadChange change)
    {
        var usage = change.TotalUsage?.ToByteArray();
        if (change.Recorded)
        {
            session.Execute(
                """
                UPDATE chats SET revision = ?2, turn_count = turn_count + 1, history_bytes = history_bytes + ?3, total_usage = ?4, update_time = ?5
                WHERE id = ?1
                """,
                chat, change.Revision, change.HistoryBytes, usage, change.UpdateTime.UtcTicks);
        }
        else
        {
            // The index by update time stays as it is.
            session.Execute(
                "UPDATE chats SET history_bytes = history_bytes + ?2, total_usage = ?3 WHERE id = ?1", chat, change.HistoryBytes, usage);
        }

        if (change.OpenSequence is { } open)
        {
            session.Execute("UPDATE chats SET open_sequence = ?2 WHERE id = ?1", chat, NullIfNone(open));
        }

        foreach (var closed in change.Closes)
        {
            session.Execute("UPDATE turns SET curated = 1 WHERE chat = ?1 AND sequence = ?2", chat, closed);
        }
    }

    /// <summary>Removes a chat's head and settings.</summary>
    public static void Delete(SqliteSession session, long chat)
    {
        session.Execute("DELETE FROM settings WHERE chat = ?1", chat);
        session.Execute("DELETE FROM chats WHERE id = ?1", chat);
    }

    /// <summary>Replaces the settings, and moves the version, the update time, and the bytes.</summary>
    public static void ChangeSettings(SqliteSession session, long chat, StoredSettings settings, DateTimeOffset updateTime, long growth)
    {
        session.Execute("UPDATE settings SET settings = ?2, config = ?3 WHERE chat = ?1", chat, settings.Settings, settings.Config);
        session.Execute(
            "UPDATE chats SET version = version + 1, update_time = ?2, history_bytes = history_bytes + ?3 WHERE id = ?1", chat, updateTime.UtcTicks, growth);
    }

    private static long? NullIfNone(long sequence) => sequence == 0 ? null : sequence;
}

/// <summary>A chat and its row's id.</summary>
internal readonly record struct ChatRow(long Id, ChatRecord Record);

/// <summary>A chat's row id, and what preconditions ask of its head.</summary>
internal readonly record struct ChatHead(long Id, long Version, long Revision, string Incarnation);
