using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Columns;
using GenAI.Chats.Storage.Postgres.Connections;
using Google.Protobuf;
using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>Rows of chats. Each turn rewrites the head, which is small. Settings can be large, and have a table of their own.</summary>
internal static class ChatRows
{
    /// <summary>Finds a chat.</summary>
    public static PostgresRows<ChatRow> Find(PostgresBatch batch, ChatKey key) => batch.Query(
        ChatColumns.ReadWithConfig,
        $"SELECT {ChatColumns.Names}, s.config FROM chats c JOIN settings s ON s.chat = c.id WHERE c.tenant = $1 AND c.chat_id = $2",
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>Reads a chat's revision and incarnation.</summary>
    public static PostgresRows<(long Revision, string Incarnation)> FindRevision(PostgresBatch batch, ChatKey key) => batch.Query(
        row => (row.Int64(0), row.Text(1)),
        "SELECT revision, incarnation FROM chats WHERE tenant = $1 AND chat_id = $2",
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>Locks a chat, and reads what preconditions depend on. Steps on other chats don't wait for the lock.</summary>
    public static PostgresRows<ChatHead> LockHead(PostgresBatch batch, ChatKey key) => batch.Query(
        row => new ChatHead(row.Int64(0), row.Int64(1), row.Int64(2)),
        "SELECT id, version, revision FROM chats WHERE tenant = $1 AND chat_id = $2 FOR UPDATE",
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>Inserts a chat's head, and returns the ID of its row. No row if it exists. Waits for another process that is inserting it.</summary>
    public static PostgresRows<long> Insert(PostgresBatch batch, ChatRecord chat) => batch.Query(
        row => row.Int64(0),
        """
        INSERT INTO chats (tenant, chat_id, version, revision, turn_count, history_bytes, total_usage,
            create_time, update_time, create_request_id, create_request_hash, open_sequence, incarnation)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (tenant, chat_id) DO NOTHING
        RETURNING id
        """,
        Text(chat.Key.Tenant), Text(chat.Key.ChatId), Number(chat.Version), Number(chat.Revision), Number(chat.TurnCount), Number(chat.StoredBytes),
        Bytes(chat.TotalUsage?.ToByteArray()), Time(chat.CreateTime), Time(chat.UpdateTime), Text(chat.CreateRequestId), Bytes(chat.CreateRequestHash),
        NumberOrNull(chat.OpenSequence), Text(chat.Incarnation));

    /// <summary>Adds a chat's settings.</summary>
    public static void InsertSettings(PostgresBatch batch, long chat, SerializedSettings settings) => batch.Execute(
        "INSERT INTO settings (chat, settings, config) VALUES ($1, $2, $3)", Number(chat), Bytes(settings.RestBytes), Bytes(settings.Config));

    /// <summary>Changes a head when a turn ends.</summary>
    public static void Change(PostgresBatch batch, long chat, HeadChange change)
    {
        var usage = Bytes(change.TotalUsage?.ToByteArray());
        if (change.Recorded)
        {
            batch.Execute(
                """
                UPDATE chats SET revision = $2, turn_count = turn_count + 1, history_bytes = history_bytes + $3, total_usage = $4, update_time = $5
                WHERE id = $1
                """,
                Number(chat), Number(change.Revision), Number(change.StoredBytes), usage, Time(change.UpdateTime));
        }
        else
        {
            // Doesn't change the indexes.
            batch.Execute(
                "UPDATE chats SET history_bytes = history_bytes + $2, total_usage = $3 WHERE id = $1",
                Number(chat), Number(change.StoredBytes), usage);
        }

        if (change.OpenSequence is { } open)
        {
            batch.Execute("UPDATE chats SET open_sequence = $2 WHERE id = $1", Number(chat), NumberOrNull(open));
        }

        // One by one, because the planner might read all turns of the chat for a list.
        foreach (var closed in change.Closes)
        {
            batch.Execute("UPDATE turns SET curated = true WHERE chat = $1 AND sequence = $2", Number(chat), Number(closed));
        }
    }

    /// <summary>Replaces the settings, and changes the version, the update time, and the stored bytes.</summary>
    public static void ChangeSettings(PostgresBatch batch, long chat, SerializedSettings settings, UpdateStep step)
    {
        batch.Execute("UPDATE settings SET settings = $2, config = $3 WHERE chat = $1", Number(chat), Bytes(settings.RestBytes), Bytes(settings.Config));
        batch.Execute(
            "UPDATE chats SET version = version + 1, update_time = $2, history_bytes = history_bytes + $3 WHERE id = $1",
            Number(chat), Time(step.UpdateTime), Number(step.Growth));
    }

    /// <summary>Deletes a chat except its log, which is left to <see cref="DeletedLogs"/>. Returns the ID of the deleted row.</summary>
    public static PostgresRows<long> Delete(PostgresBatch batch, ChatKey key) => batch.Query(
        row => row.Int64(0),
        """
        WITH gone AS (DELETE FROM chats WHERE tenant = $1 AND chat_id = $2 RETURNING id),
            no_settings AS (DELETE FROM settings WHERE chat = (SELECT id FROM gone)),
            no_labels AS (DELETE FROM labels WHERE chat = (SELECT id FROM gone)),
            no_log AS (INSERT INTO deleted_chats (chat) SELECT id FROM gone),
            counted AS (UPDATE tenants SET chats = chats - 1 WHERE tenant = $1 AND EXISTS (SELECT 1 FROM gone))
        SELECT id FROM gone
        """,
        Text(key.Tenant), Text(key.ChatId));
}

/// <summary>The ID of a chat's row, and what preconditions depend on.</summary>
internal readonly record struct ChatHead(long Id, long Version, long Revision);
