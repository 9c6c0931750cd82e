using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>
/// Rows of the parts of logs that a chat has, if it doesn't have all of its own log: because it is a fork, or because turns were erased. Its base sequence
/// is set then.
/// </summary>
internal static class RangeRows
{
    /// <summary>
    /// The start of a query: the parts of logs that the chat with the key $1, $2 has. No row if the chat doesn't exist, or has expired.
    /// </summary>
    public const string Visible = $"""
        WITH RECURSIVE chat AS MATERIALIZED (SELECT c.id, c.base_sequence FROM chats c WHERE c.tenant = $1 AND c.chat_id = $2 AND {ChatRows.IsLive}),
            visible (log, first, last) AS MATERIALIZED (
                SELECT id, 1, 9223372036854775807 FROM chat WHERE base_sequence IS NULL
                UNION ALL
                SELECT r.log, r.first, r.last FROM ranges r WHERE r.chat = (SELECT id FROM chat WHERE base_sequence IS NOT NULL))
        """;

    /// <summary>Reads the parts of a chat. No rows if it has all of its own log.</summary>
    public static PostgresRows<LogPart> Read(PostgresBatch batch, ChatKey key) => batch.Query(
        row => new LogPart(row.Int64(0), row.Int64(1), row.Int64(2)),
        $"SELECT log, first, last FROM ranges WHERE chat = {ChatRows.Id} ORDER BY first",
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>Inserts the parts that a fork has.</summary>
    public static void Insert(PostgresBatch batch, long chat, IReadOnlyCollection<LogPart> parts) => batch.Execute(
        "INSERT INTO ranges (chat, first, last, log) SELECT $1, r.first, r.last, r.log FROM unnest($2, $3, $4) AS r (first, last, log)",
        Number(chat), Numbers([.. parts.Select(part => part.First)]), Numbers([.. parts.Select(part => part.Last)]), Numbers([.. parts.Select(part => part.Log)]));

    /// <summary>Replaces the parts that a chat has, when turns are erased, and marks the logs.</summary>
    public static void Replace(PostgresBatch batch, long chat, IReadOnlyCollection<LogPart> parts)
    {
        batch.Execute(
            $"INSERT INTO sweeps (log, next) SELECT log, 1 FROM (SELECT $1 AS log UNION SELECT log FROM ranges WHERE chat = $1) AS l ORDER BY log {LogSweeps.OrRestart}",
            Number(chat));
        batch.Execute("DELETE FROM ranges WHERE chat = $1", Number(chat));
        Insert(batch, chat, parts);
        batch.Execute("UPDATE chats SET base_sequence = coalesce(base_sequence, 0) WHERE id = $1", Number(chat));
    }
}
