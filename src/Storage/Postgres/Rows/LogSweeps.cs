using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>
/// Rows of logs with turns that might not be needed anymore, because a chat was deleted, or turns were erased. The steps only mark the log, so their cost
/// doesn't depend on its length. The turns are removed afterwards, in parts of limited size.
/// </summary>
/// <remarks>
/// A turn that no chat has stays so: forks get turns only from chats that have them, and lock these chats. So it doesn't matter that the statements of a
/// sweep see different instants.
/// </remarks>
internal static class LogSweeps
{
    private const long MaxTurns = 64;

    /// <summary>The end of a statement that inserts marks. It starts again at the first turn, because an earlier turn might not be needed anymore.</summary>
    public const string OrRestart = "ON CONFLICT (log) DO UPDATE SET next = excluded.next";

    /// <summary>
    /// Removes some turns of a marked log that no chat has. If the log's own chat exists, the turns stay without input, outcome, and progress, because their
    /// IDs stay in use.
    /// </summary>
    /// <returns>False if no log is marked, or another process is sweeping it.</returns>
    public static async Task<bool> SweepAsync(PostgresSession session)
    {
        var batch = session.BeginStep();
        var sweep = batch.Query(row => (Log: row.Int64(0), Next: row.Int64(1)), "SELECT log, next FROM sweeps ORDER BY log LIMIT 1 FOR UPDATE SKIP LOCKED");
        await session.RunAsync(batch).ConfigureAwait(false);
        if (!sweep.Any)
        {
            return false;
        }

        var (log, next) = sweep.First;
        batch = session.Batch();
        var hasRanges = batch.Query(row => row.Boolean(0), "SELECT base_sequence IS NOT NULL FROM chats WHERE id = $1", Number(log));
        var needed = batch.Query(
            row => new SequenceRange(row.Int64(0), row.Int64(1)),
            "SELECT DISTINCT first, last FROM ranges WHERE log = $1 AND last >= $2 ORDER BY first", Number(log), Number(next));
        await session.RunAsync(batch).ConfigureAwait(false);

        batch = session.Batch();
        if (hasRanges.All is not [false] && LogGaps.Next(next, needed.All) is { } gap)
        {
            Remove(batch, log, gap, withRows: !hasRanges.Any);
        }
        else
        {
            batch.Execute("DELETE FROM sweeps WHERE log = $1", Number(log));
        }

        await session.CommitAsync(batch).ConfigureAwait(false);
        return true;
    }

    private static void Remove(PostgresBatch batch, long log, SequenceRange gap, bool withRows)
    {
        const string End = "9223372036854775807";
        const string Part = "chat = $1 AND sequence BETWEEN $2 AND (SELECT last FROM part)";
        batch.Execute(
            $"""
            WITH part AS MATERIALIZED (
                    SELECT coalesce((SELECT sequence FROM turns WHERE chat = $1 AND sequence BETWEEN $2 AND $3 ORDER BY sequence OFFSET $4 LIMIT 1), $3) AS last),
                no_progress AS (DELETE FROM progress WHERE {Part}),
                no_inputs AS (DELETE FROM inputs WHERE {Part}),
                no_outcomes AS (DELETE FROM outcomes WHERE {Part}),
                no_turns AS (DELETE FROM turns WHERE {Part} AND $5),
                done AS (DELETE FROM sweeps WHERE log = $1 AND (SELECT last FROM part) = {End})
            UPDATE sweeps SET next = (SELECT last FROM part) + 1 WHERE log = $1 AND (SELECT last FROM part) < {End}
            """,
            Number(log), Number(gap.First), Number(gap.Last), Number(MaxTurns - 1), Flag(withRows));
    }
}
