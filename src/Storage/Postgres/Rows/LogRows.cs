using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>Reads pages of turns. The server sends only turns that are on the page.</summary>
internal static class LogRows
{
    private const int NextColumn = TurnRows.NextColumn;

    /// <summary>Reads turns of a chat's own log, in a batch with the query that finds the chat.</summary>
    /// <returns>The turns, in order, and whether a turn follows each one. No rows if the chat doesn't have all of its own log, or the path isn't known.</returns>
    public static PostgresRows<(TurnRecord Turn, bool HasNext)> ReadOwn(PostgresBatch batch, ChatKey key, LogRange range, IReadOnlyList<LogPart> parts) => Read(
        batch,
        $"""
        (SELECT c.id FROM chats c
        WHERE c.tenant = $8 AND c.chat_id = $9 AND c.base_sequence IS NULL AND ($10 OR NOT EXISTS (SELECT 1 FROM trees WHERE chat = c.id)))
        """,
        range,
        parts,
        range.MaxTurns,
        range.MaxBytes,
        Text(key.Tenant), Text(key.ChatId), Flag(range.Path is not null || range.Scope is not LogScope.Path));

    /// <summary>Reads turns of some parts of logs, in a transaction.</summary>
    /// <returns>The turns, in order, and whether a turn follows each one.</returns>
    public static PostgresRows<(TurnRecord Turn, bool HasNext)> Read(PostgresBatch batch, LogRange range, IReadOnlyList<LogPart> parts, LogPageBuilder page) =>
        Read(batch, "part.log", range, parts, Math.Max(page.MaxTurns, 1), page.MaxBytes);

    /// <summary>Returns the number of parts that a query reads, so that it doesn't read many more turns than the page has.</summary>
    public static int Count(IReadOnlyList<LogPart> parts, int first, int maxTurns)
    {
        const long Factor = 4;
        var count = 0;
        for (var turns = 0L; first + count < parts.Count && turns <= Factor * maxTurns; count++)
        {
            // No more turns are read of a part, which might have no end.
            turns += Math.Min(parts[first + count].Last - parts[first + count].First, maxTurns) + 1;
        }

        return count;
    }

    private static PostgresRows<(TurnRecord Turn, bool HasNext)> Read(
        PostgresBatch batch,
        string log,
        LogRange range,
        IReadOnlyList<LogPart> parts,
        int maxTurns,
        long maxBytes,
        params ReadOnlySpan<Npgsql.NpgsqlParameter> logValues)
    {
        var order = range.NewestFirst ? "DESC" : "ASC";
        return batch.Query(
            row => (TurnColumns.Read(row), row.Boolean(NextColumn)),
            $"""
            SELECT sequence, turn_id, request_id, request_hash, state, attempt, used_attempts, owner, revision, curated,
                create_time, start_time, end_time, stop, input, input_bytes, outcome, has_next
            FROM (
                SELECT r.*,
                    row_number() OVER log AS place,
                    lead(true, 1, false) OVER log AS has_next,
                    sum(octet_length(input) + coalesce(octet_length(outcome), 0)) OVER (log ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
                FROM (
                    SELECT {TurnRows.AllColumns} FROM (
                        SELECT l.* FROM unnest($1, $2, $3) AS part (log, first, last)
                        CROSS JOIN LATERAL (
                            SELECT * FROM turns t
                            WHERE t.chat = {log} AND t.sequence BETWEEN part.first AND part.last AND ($6 OR t.revision > 0 OR t.turn_id IS NULL) AND (t.curated OR NOT $7)
                            ORDER BY t.sequence {order} LIMIT $4 + 1) AS l
                        ORDER BY l.sequence {order} LIMIT $4 + 1) AS t
                ) AS r
                WINDOW log AS (ORDER BY sequence {order})
            ) AS p
            WHERE place = 1 OR (place <= $4 AND bytes_before < $5)
            ORDER BY sequence {order}
            """,
            [
                Numbers([.. parts.Select(part => part.Log)]), Numbers([.. parts.Select(part => part.First)]), Numbers([.. parts.Select(part => part.Last)]),
                Number(maxTurns), Number(maxBytes), Flag(range.Scope is LogScope.Whole), Flag(range.Curated), .. logValues,
            ]);
    }
}
