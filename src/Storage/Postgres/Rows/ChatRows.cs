using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Storage.Columns;
using GenAI.Chats.Storage.Postgres.Connections;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Npgsql;
using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>Rows of chats. Each turn rewrites the head, which is small. Settings and trees can be large, and have tables of their own.</summary>
internal static class ChatRows
{
    /// <summary>The row ID of the chat with the key $1, $2.</summary>
    public const string Id = "(SELECT id FROM chats WHERE tenant = $1 AND chat_id = $2)";

    /// <summary>The same, unless the chat has expired. Only the first query of a read asks for this, so that all queries of the read find the same chat.</summary>
    public const string LiveId = $"(SELECT c.id FROM chats c WHERE c.tenant = $1 AND c.chat_id = $2 AND {IsLive})";

    /// <summary>The condition that a chat c hasn't expired, by the clock of the database server. A chat with a pending turn doesn't expire.</summary>
    public const string IsLive = $"(c.expire_time IS NULL OR c.expire_time > {Now} OR EXISTS ({Pending}))";

    /// <summary>The time of the database server in ticks. As a subquery, it is evaluated once, so that it can be compared with an index.</summary>
    public const string Now = "(SELECT (extract(epoch FROM clock_timestamp()) * 10000000)::bigint + 621355968000000000)";

    private const string Pending = "SELECT 1 FROM turns p WHERE p.chat = c.id AND p.state <= 2";

    /// <summary>Finds a chat, unless it has expired.</summary>
    public static PostgresRows<ChatRow> Find(PostgresBatch batch, ChatKey key) => batch.Query(
        ChatColumns.ReadWithConfig,
        $"SELECT {ChatColumns.Names}, s.config FROM chats c JOIN settings s ON s.chat = c.id WHERE c.tenant = $1 AND c.chat_id = $2 AND {IsLive}",
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>Finds a chat, unless it has expired, and reads what a read of its log depends on.</summary>
    public static PostgresRows<LogHead> FindLog(PostgresBatch batch, ChatKey key) => batch.Query(
        row => new LogHead(
            row.Int64(0), row.Int64(1), row.Text(2), row.IsNull(3) ? null : row.Int64(3), row.IsNull(4) ? null : ChatTree.Parser.ParseFrom(row.Bytes(4))),
        $"""
        SELECT c.id, c.revision, c.incarnation, c.base_sequence, (SELECT tree.data FROM trees tree WHERE tree.chat = c.id)
        FROM chats c WHERE c.tenant = $1 AND c.chat_id = $2 AND {IsLive}
        """,
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>Locks a chat, and reads what preconditions depend on. Steps on other chats don't wait for the lock.</summary>
    public static PostgresRows<ChatHead> LockHead(PostgresBatch batch, ChatKey key) => Lock(batch, key, "UPDATE");

    /// <summary>Locks the source of a fork, and reads what preconditions depend on. Other forks don't wait for the lock, but steps do.</summary>
    public static PostgresRows<ChatHead> LockSource(PostgresBatch batch, ChatKey key) => Lock(batch, key, "SHARE");

    /// <summary>Deletes a chat that has expired, so that another one can have its key.</summary>
    public static void DeleteExpired(PostgresBatch batch, ChatKey key)
    {
        // A statement of its own takes the lock, so that the others see the turns that were added while it waited.
        LockHead(batch, key);
        batch.Execute(Deletion($"c.tenant = $1 AND c.chat_id = $2 AND NOT {IsLive}"), Text(key.Tenant), Text(key.ChatId));
    }

    /// <summary>Locks chats that have expired, and returns the IDs of their rows.</summary>
    public static PostgresRows<long> LockExpired(PostgresBatch batch, int max) => batch.Query(
        row => row.Int64(0),
        $"""
        SELECT c.id FROM chats c WHERE c.expire_time <= {Now} AND NOT EXISTS ({Pending}) ORDER BY c.expire_time LIMIT $1 FOR UPDATE SKIP LOCKED
        """,
        Number(max));

    /// <summary>Deletes chats that are locked and have expired.</summary>
    public static void DeleteExpired(PostgresBatch batch, long[] chats) => batch.Execute(Deletion($"c.id = ANY ($1) AND NOT {IsLive}"), Numbers(chats));

    /// <summary>Inserts a chat's head, and returns the ID of its row. No row if it exists. Waits for another process that is inserting it.</summary>
    public static PostgresRows<long> Insert(PostgresBatch batch, ChatRecord chat, long? baseSequence = null) => batch.Query(
        row => row.Int64(0),
        $"""
        INSERT INTO chats (tenant, chat_id, version, revision, turn_count, history_bytes, total_usage,
            create_time, update_time, create_request_id, create_request_hash, open_sequence, incarnation, base_sequence, expire_time)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, coalesce($15, {Now} + $16))
        ON CONFLICT (tenant, chat_id) DO NOTHING
        RETURNING id
        """,
        Text(chat.Key.Tenant), Text(chat.Key.ChatId), Number(chat.Version), Number(chat.Revision), Number(chat.TurnCount), Number(chat.StoredBytes),
        Bytes(chat.TotalUsage?.ToByteArray()), Time(chat.CreateTime), Time(chat.UpdateTime), Text(chat.CreateRequestId), Bytes(chat.CreateRequestHash),
        NumberOrNull(chat.OpenSequence), Text(chat.Incarnation), Number(baseSequence), Time(chat.Settings.ExpireTime?.ToDateTimeOffset()), TicksOf(chat.Settings.Ttl));

    /// <summary>Adds a chat's settings, labels, and tree.</summary>
    public static void InsertRest(PostgresBatch batch, long id, ChatRecord chat, SerializedSettings settings)
    {
        batch.Execute(
            "INSERT INTO settings (chat, settings, config) VALUES ($1, $2, $3)", Number(id), Bytes(settings.RestBytes), Bytes(settings.Config));
        LabelRows.Insert(batch, chat.Key.Tenant, id, chat.Settings.Labels);
        TreeRows.Set(batch, id, chat.Tree);
    }

    /// <summary>Changes a head when a turn ends, or when the head moves.</summary>
    public static void Change(PostgresBatch batch, long chat, HeadChange change)
    {
        var usage = Bytes(change.TotalUsage?.ToByteArray());
        if (change.ChangesHistory)
        {
            batch.Execute(
                $"""
                UPDATE chats SET revision = $2, turn_count = coalesce($3, turn_count + 1), history_bytes = history_bytes + $4, total_usage = $5, update_time = $6,
                    expire_time = coalesce({Now} + $7, expire_time)
                WHERE id = $1
                """,
                Number(chat), Number(change.Revision), Number(change.TurnCount), Number(change.StoredBytes), usage, Time(change.UpdateTime),
                Number(change.Ttl?.Ticks));
        }
        else
        {
            // Doesn't change the indexes, unless the expire time changes.
            batch.Execute(
                $"UPDATE chats SET history_bytes = history_bytes + $2, total_usage = $3, expire_time = coalesce({Now} + $4, expire_time) WHERE id = $1",
                Number(chat), Number(change.StoredBytes), usage, Number(change.Ttl?.Ticks));
        }

        if (change.OpenSequence is { } open)
        {
            batch.Execute("UPDATE chats SET open_sequence = $2 WHERE id = $1", Number(chat), NumberOrNull(open));
        }

        TreeRows.Set(batch, chat, change.Tree);

        // One by one, because the planner might read all turns of the chat for a list.
        foreach (var closed in change.Closes)
        {
            batch.Execute(
                """
                UPDATE turns SET curated = true
                WHERE chat = coalesce((SELECT log FROM ranges WHERE chat = $1 AND first <= $2 AND last >= $2), $1) AND sequence = $2
                """,
                Number(chat), Number(closed));
        }
    }

    /// <summary>Replaces the settings, and changes the version, the update time, and the stored bytes.</summary>
    public static void ChangeSettings(PostgresBatch batch, long chat, SerializedSettings settings, UpdateStep step)
    {
        batch.Execute("UPDATE settings SET settings = $2, config = $3 WHERE chat = $1", Number(chat), Bytes(settings.RestBytes), Bytes(settings.Config));
        batch.Execute(
            "UPDATE chats SET version = version + 1, update_time = $2, history_bytes = history_bytes + $3 WHERE id = $1",
            Number(chat), Time(step.UpdateTime), Number(step.Growth));
        if (step.SetsExpiry)
        {
            batch.Execute(
                $"UPDATE chats SET expire_time = coalesce($2, {Now} + $3) WHERE id = $1",
                Number(chat), Time(step.Settings.ExpireTime?.ToDateTimeOffset()), TicksOf(step.Settings.Ttl));
        }
    }

    /// <summary>Deletes a chat except its log, which is left to <see cref="LogSweeps"/>.</summary>
    public static void Delete(PostgresBatch batch, long chat) => batch.Execute(Deletion("c.id = $1"), Number(chat));

    private static string Deletion(string condition) =>
        $"""
        WITH gone AS (DELETE FROM chats c WHERE {condition} RETURNING c.id, c.tenant),
            no_settings AS (DELETE FROM settings WHERE chat = ANY (ARRAY (SELECT id FROM gone))),
            no_labels AS (DELETE FROM labels WHERE chat = ANY (ARRAY (SELECT id FROM gone))),
            no_trees AS (DELETE FROM trees WHERE chat = ANY (ARRAY (SELECT id FROM gone))),
            logs AS (SELECT id AS log FROM gone UNION SELECT log FROM ranges WHERE chat = ANY (ARRAY (SELECT id FROM gone))),
            no_ranges AS (DELETE FROM ranges WHERE chat = ANY (ARRAY (SELECT id FROM gone))),
            marked AS (INSERT INTO sweeps (log, next) SELECT log, 1 FROM logs ORDER BY log {LogSweeps.OrRestart})
        UPDATE tenants t SET chats = chats - (SELECT count(*) FROM gone g WHERE g.tenant = t.tenant) WHERE tenant = ANY (ARRAY (SELECT tenant FROM gone))
        """;

    // The clock is read after the lock was taken: at that time, the chat must not have expired.
    private static PostgresRows<ChatHead> Lock(PostgresBatch batch, ChatKey key, string mode) => batch.Query(
        row => new ChatHead(row.Int64(0), row.Int64(1), row.Int64(2), row.Text(3), row.IsNull(4) ? null : row.Int64(4), row.Boolean(5)),
        $"""
        WITH locked AS MATERIALIZED (
            SELECT id, version, revision, incarnation, base_sequence, expire_time FROM chats WHERE tenant = $1 AND chat_id = $2 FOR {mode})
        SELECT id, version, revision, incarnation, base_sequence, CASE WHEN expire_time IS NULL THEN false ELSE expire_time <= {Now} END FROM locked
        """,
        Text(key.Tenant), Text(key.ChatId));

    private static NpgsqlParameter TicksOf(Duration? ttl) => Number(ttl?.ToTimeSpan().Ticks);
}

/// <summary>The ID of a chat's row, and what preconditions depend on.</summary>
/// <param name="Id">The ID of its row.</param>
/// <param name="Version">The version of the settings.</param>
/// <param name="Revision">The revision.</param>
/// <param name="Incarnation">The incarnation.</param>
/// <param name="BaseSequence">As <see cref="ChatRow.BaseSequence"/>.</param>
/// <param name="IsDue">Whether the chat has expired, unless a turn is pending.</param>
internal readonly record struct ChatHead(long Id, long Version, long Revision, string Incarnation, long? BaseSequence, bool IsDue);

/// <summary>What a read of a chat's log depends on.</summary>
/// <param name="Id">The ID of the chat's row.</param>
/// <param name="Revision">The revision.</param>
/// <param name="Incarnation">The incarnation.</param>
/// <param name="BaseSequence">As <see cref="ChatRow.BaseSequence"/>.</param>
/// <param name="Tree">The tree, or null.</param>
internal sealed record LogHead(long Id, long Revision, string Incarnation, long? BaseSequence, ChatTree? Tree);
