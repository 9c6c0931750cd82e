using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.V1;
using Google.Protobuf;
using Npgsql;
using static GenAI.Chats.Storage.Postgres.PostgresValues;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Heads of chats as rows. A head is small, as each turn rewrites it; the settings, which may be large, have a table of their own.</summary>
internal static class ChatRows
{
    /// <summary>What <see cref="Read"/> reads, from chats c and settings s; the config may follow.</summary>
    public const string Columns = """
        c.id, c.tenant, c.chat_id, c.version, c.revision, c.turn_count, c.history_bytes, c.total_usage,
        c.create_time, c.update_time, c.create_request_id, c.create_request_hash, c.open_sequence, c.incarnation, s.settings
        """;

    private const int ConfigColumn = 15;

    /// <summary>Finds a chat.</summary>
    public static PostgresRows<ChatRow> Find(PostgresBatch batch, ChatKey key) => batch.Query(
        row =>
        {
            var chat = Read(row);
            if (!row.IsDBNull(ConfigColumn))
            {
                chat.Record.Settings.Config = GenerateContentConfig.Parser.ParseFrom(row.GetFieldValue<byte[]>(ConfigColumn));
            }

            return chat;
        },
        $"SELECT {Columns}, s.config FROM chats c JOIN settings s ON s.chat = c.id WHERE c.tenant = $1 AND c.chat_id = $2",
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>Finds a chat's revision and incarnation.</summary>
    public static PostgresRows<(long Revision, string Incarnation)> FindRevision(PostgresBatch batch, ChatKey key) => batch.Query(
        row => (row.GetInt64(0), row.GetText(1)),
        "SELECT revision, incarnation FROM chats WHERE tenant = $1 AND chat_id = $2",
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>Finds what preconditions ask of a chat, and locks it: steps of one chat come one after the other, those of others do not wait.</summary>
    public static PostgresRows<ChatHead> LockHead(PostgresBatch batch, ChatKey key) => batch.Query(
        row => new ChatHead(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)),
        "SELECT id, version, revision FROM chats WHERE tenant = $1 AND chat_id = $2 FOR UPDATE",
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>The chat at the current row, its settings without the config.</summary>
    public static ChatRow Read(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        new ChatRecord
        {
            Key = new ChatKey(row.GetText(1), row.GetText(2)),
            Version = row.GetInt64(3),
            Revision = row.GetInt64(4),
            TurnCount = row.GetInt64(5),
            HistoryBytes = row.GetInt64(6),
            TotalUsage = row.IsDBNull(7) ? null : UsageMetadata.Parser.ParseFrom(row.GetFieldValue<byte[]>(7)),
            CreateTime = Ticks.ToTime(row.GetInt64(8)),
            UpdateTime = Ticks.ToTime(row.GetInt64(9)),
            CreateRequestId = row.GetText(10),
            CreateRequestHash = row.GetFieldValue<byte[]>(11),
            OpenSequence = row.IsDBNull(12) ? 0 : row.GetInt64(12),
            Incarnation = row.GetText(13),
            Settings = ChatSettings.Parser.ParseFrom(row.GetFieldValue<byte[]>(14)),
        });

    /// <summary>Adds a chat's head, unless there is one; waits for whoever is adding one. The row's id.</summary>
    public static PostgresRows<long> Insert(PostgresBatch batch, ChatRecord chat) => batch.Query(
        row => row.GetInt64(0),
        """
        INSERT INTO chats (tenant, chat_id, version, revision, turn_count, history_bytes, total_usage,
            create_time, update_time, create_request_id, create_request_hash, open_sequence, incarnation)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (tenant, chat_id) DO NOTHING
        RETURNING id
        """,
        Text(chat.Key.Tenant), Text(chat.Key.ChatId), Number(chat.Version), Number(chat.Revision), Number(chat.TurnCount), Number(chat.HistoryBytes),
        Bytes(chat.TotalUsage?.ToByteArray()), Time(chat.CreateTime), Time(chat.UpdateTime), Text(chat.CreateRequestId), Bytes(chat.CreateRequestHash),
        NumberOrNull(chat.OpenSequence), Text(chat.Incarnation));

    /// <summary>Adds a chat's settings.</summary>
    public static void InsertSettings(PostgresBatch batch, long chat, StoredSettings settings) => batch.Execute(
        "INSERT INTO settings (chat, settings, config) VALUES ($1, $2, $3)", Number(chat), Bytes(settings.Settings), Bytes(settings.Config));

    /// <summary>Changes what the end of a turn changes.</summary>
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
                Number(chat), Number(change.Revision), Number(change.HistoryBytes), usage, Time(change.UpdateTime));
        }
        else
        {
            // The indexes stay as they are.
            batch.Execute(
                "UPDATE chats SET history_bytes = history_bytes + $2, total_usage = $3 WHERE id = $1",
                Number(chat), Number(change.HistoryBytes), usage);
        }

        if (change.OpenSequence is { } open)
        {
            batch.Execute("UPDATE chats SET open_sequence = $2 WHERE id = $1", Number(chat), NumberOrNull(open));
        }

        // One by one: for a list the planner may read all turns of the chat.
        foreach (var closed in change.Closes)
        {
            batch.Execute("UPDATE turns SET curated = true WHERE chat = $1 AND sequence = $2", Number(chat), Number(closed));
        }
    }

    /// <summary>Replaces the settings, and moves the version, the update time, and the bytes.</summary>
    public static void ChangeSettings(PostgresBatch batch, long chat, StoredSettings settings, DateTimeOffset updateTime, long growth)
    {
        batch.Execute("UPDATE settings SET settings = $2, config = $3 WHERE chat = $1", Number(chat), Bytes(settings.Settings), Bytes(settings.Config));
        batch.Execute(
            "UPDATE chats SET version = version + 1, update_time = $2, history_bytes = history_bytes + $3 WHERE id = $1",
            Number(chat), Time(updateTime), Number(growth));
    }

    /// <summary>Removes a chat but for its log, which is left to <see cref="DeletedChats"/>. The removed row's id.</summary>
    public static PostgresRows<long> Delete(PostgresBatch batch, ChatKey key) => batch.Query(
        row => row.GetInt64(0),
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

/// <summary>A chat and its row's id.</summary>
internal readonly record struct ChatRow(long Id, ChatRecord Record);

/// <summary>A chat's row id, and what preconditions ask of its head.</summary>
internal readonly record struct ChatHead(long Id, long Version, long Revision);
