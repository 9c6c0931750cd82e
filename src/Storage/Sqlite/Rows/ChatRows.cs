using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Columns;
using GenAI.Chats.Storage.Sqlite.Connections;
using Google.Protobuf;

namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>Rows of chats. Each turn rewrites the head, which is small. Settings can be large, and have a table of their own.</summary>
internal static class ChatRows
{
    /// <summary>Finds a chat.</summary>
    public static ChatRow? Find(SqliteSession session, ChatKey key)
    {
        using var row = session.Query(
            $"SELECT {ChatColumns.Names}, s.config FROM chats c JOIN settings s ON s.chat = c.id WHERE c.tenant = ?1 AND c.chat_id = ?2",
            key.Tenant, key.ChatId);
        return row.Read() ? ChatColumns.ReadWithConfig(row) : null;
    }

    /// <summary>Finds a chat, and reads only what preconditions depend on.</summary>
    public static ChatHead? FindHead(SqliteSession session, ChatKey key)
    {
        using var row = session.Query("SELECT id, version, revision, incarnation FROM chats WHERE tenant = ?1 AND chat_id = ?2", key.Tenant, key.ChatId);
        return row.Read() ? new ChatHead(row.Int64(0), row.Int64(1), row.Int64(2), row.Text(3)) : null;
    }

    /// <summary>Inserts a chat, and returns the ID of its row.</summary>
    public static long Insert(SqliteSession session, ChatRecord chat, SerializedSettings settings)
    {
        var id = session.Insert(
            """
            INSERT INTO chats (tenant, chat_id, version, revision, turn_count, history_bytes, total_usage,
                create_time, update_time, create_request_id, create_request_hash, open_sequence, incarnation)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            """,
            chat.Key.Tenant, chat.Key.ChatId, chat.Version, chat.Revision, chat.TurnCount, chat.StoredBytes, chat.TotalUsage?.ToByteArray(),
            chat.CreateTime.UtcTicks, chat.UpdateTime.UtcTicks, chat.CreateRequestId, chat.CreateRequestHash.ToArray(), NullIfNone(chat.OpenSequence),
            chat.Incarnation);
        session.Execute("INSERT INTO settings (chat, settings, config) VALUES (?1, ?2, ?3)", id, settings.RestBytes, settings.Config);
        return id;
    }

    /// <summary>Changes a head when a turn ends.</summary>
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
                chat, change.Revision, change.StoredBytes, usage, change.UpdateTime.UtcTicks);
        }
        else
        {
            // Doesn't change the index by update time.
            session.Execute(
                "UPDATE chats SET history_bytes = history_bytes + ?2, total_usage = ?3 WHERE id = ?1", chat, change.StoredBytes, usage);
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

    /// <summary>Deletes a chat's head and settings.</summary>
    public static void Delete(SqliteSession session, long chat)
    {
        session.Execute("DELETE FROM settings WHERE chat = ?1", chat);
        session.Execute("DELETE FROM chats WHERE id = ?1", chat);
    }

    /// <summary>Replaces the settings, and changes the version, the update time, and the stored bytes.</summary>
    public static void ChangeSettings(SqliteSession session, long chat, SerializedSettings settings, UpdateStep step)
    {
        session.Execute("UPDATE settings SET settings = ?2, config = ?3 WHERE chat = ?1", chat, settings.RestBytes, settings.Config);
        session.Execute(
            "UPDATE chats SET version = version + 1, update_time = ?2, history_bytes = history_bytes + ?3 WHERE id = ?1", chat,
            step.UpdateTime.UtcTicks, step.Growth);
    }

    private static long? NullIfNone(long sequence) => sequence == 0 ? null : sequence;
}

/// <summary>The ID of a chat's row, and what preconditions depend on.</summary>
internal readonly record struct ChatHead(long Id, long Version, long Revision, string Incarnation);
