namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>
/// Rows of logs with turns that might not be needed anymore, because a chat was deleted, or turns were erased. The steps only mark the log, so their cost
/// doesn't depend on its length. The turns are removed in parts of limited size, between other commits.
/// </summary>
internal static class LogSweeps
{
    private const long MaxTurns = 64;

    // Starts again at the first turn, because an earlier turn might not be needed anymore.
    private const string OrRestart = "ON CONFLICT (log) DO UPDATE SET next = excluded.next";

    private const string Part = "(SELECT id FROM turns WHERE chat = ?1 AND sequence BETWEEN ?2 AND ?3)";

    /// <summary>Marks a chat's own log.</summary>
    public static void Add(SqliteSession session, long chat) => session.Execute($"INSERT INTO sweeps (log, next) VALUES (?1, 1) {OrRestart}", chat);

    /// <summary>Marks the logs that a chat shares with others.</summary>
    public static void AddShared(SqliteSession session, long chat) =>
        session.Execute($"INSERT INTO sweeps (log, next) SELECT DISTINCT log, 1 FROM ranges WHERE chat = ?1 AND log <> ?1 {OrRestart}", chat);

    /// <summary>Indicates whether a log is marked.</summary>
    public static bool Any(SqliteSession session) => First(session) is not null;

    /// <summary>
    /// Removes some turns of a marked log that no chat has. If the log's own chat exists, the turns stay without input, outcome, and progress, because their
    /// IDs stay in use.
    /// </summary>
    public static void Sweep(SqliteSession session)
    {
        if (First(session) is not { } sweep)
        {
            return;
        }

        var isChat = session.Number("SELECT base_sequence IS NOT NULL FROM chats WHERE id = ?1", sweep.Log);
        if (isChat is 0 || FindGap(session, sweep) is not { } gap)
        {
            session.Execute("DELETE FROM sweeps WHERE log = ?1", sweep.Log);
            return;
        }

        var last = session.Number(
            "SELECT sequence FROM turns WHERE chat = ?1 AND sequence BETWEEN ?2 AND ?3 ORDER BY sequence LIMIT 1 OFFSET ?4",
            sweep.Log, gap.First, gap.Last, MaxTurns - 1) ?? gap.Last;
        session.Execute($"DELETE FROM progress WHERE turn IN {Part}", sweep.Log, gap.First, last);
        session.Execute($"DELETE FROM inputs WHERE turn IN {Part}", sweep.Log, gap.First, last);
        session.Execute($"DELETE FROM outcomes WHERE turn IN {Part}", sweep.Log, gap.First, last);
        if (isChat is null)
        {
            session.Execute("DELETE FROM turns WHERE chat = ?1 AND sequence BETWEEN ?2 AND ?3", sweep.Log, gap.First, last);
        }

        if (last == long.MaxValue)
        {
            session.Execute("DELETE FROM sweeps WHERE log = ?1", sweep.Log);
        }
        else
        {
            session.Execute("UPDATE sweeps SET next = ?2 WHERE log = ?1", sweep.Log, last + 1);
        }
    }

    private static LogSweep? First(SqliteSession session)
    {
        using var row = session.Query("SELECT log, next FROM sweeps ORDER BY log LIMIT 1");
        return row.Read() ? new LogSweep(row.Int64(0), row.Int64(1)) : null;
    }

    private static SequenceRange? FindGap(SqliteSession session, LogSweep sweep)
    {
        using var row = session.Query("SELECT first, last FROM ranges WHERE log = ?1 AND last >= ?2 ORDER BY first", sweep.Log, sweep.Next);
        return LogGaps.Next(sweep.Next, Ranges(row));

        static IEnumerable<SequenceRange> Ranges(SqliteRows row)
        {
            while (row.Read())
            {
                yield return new SequenceRange(row.Int64(0), row.Int64(1));
            }
        }
    }

    /// <param name="Log">The log.</param>
    /// <param name="Next">The number of the first turn that wasn't looked at.</param>
    private readonly record struct LogSweep(long Log, long Next);
}
