using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>
/// Turns as rows. What a start, a release and an end rewrite is a small row; the input and the outcome are written once, each at the end of
/// its own table, so that the turns of many chats that share a commit share its pages too.
/// </summary>
internal static class TurnRows
{
    /// <summary>What <see cref="Read"/> reads, from <see cref="Tables"/>: turns without their inputs.</summary>
    private const string Columns = $"{Head}, NULL, length(i.data), o.data";

    /// <summary>What <see cref="Read"/> reads: whole turns.</summary>
    private const string AllColumns = $"{Head}, i.data, length(i.data), o.data";

    private const string Head = """
        t.sequence, t.turn_id, t.request_id, t.request_hash, t.state, t.attempt, t.used_attempts, t.owner, t.revision, t.curated,
        t.create_time, t.start_time, t.end_time, t.stop
        """;

    private const string Tables = $"turns t {Values}";

    // Left to itself, the planner goes through all turns of the chat in order.
    private const string Pending = "INDEXED BY turns_pending";

    private const string Values = "JOIN inputs i ON i.turn = t.id LEFT JOIN outcomes o ON o.turn = t.id";

    /// <summary>The turn of a chat that has a request id.</summary>
    public static TurnRecord? FindRequest(SqliteSession session, long chat, string requestId) =>
        First(session, $"SELECT {AllColumns} FROM {Tables} WHERE t.chat = ?1 AND t.request_id = ?2", chat, requestId);

    /// <summary>The turn of a chat that has an id, without its input.</summary>
    public static TurnRecord? FindTurn(SqliteSession session, long chat, string turnId) =>
        First(session, $"SELECT {Columns} FROM {Tables} WHERE t.chat = ?1 AND t.turn_id = ?2", chat, turnId);

    /// <summary>What a turn was accepted with.</summary>
    public static TurnInput? ReadInput(SqliteSession session, long chat, string turnId)
    {
        using var row = session.Query("SELECT i.data FROM turns t JOIN inputs i ON i.turn = t.id WHERE t.chat = ?1 AND t.turn_id = ?2", chat, turnId);
        return row.Read() ? TurnInput.Parser.ParseFrom(row.Bytes(0)) : null;
    }

    /// <summary>The turns of a chat that have not ended, in order, without their inputs.</summary>
    public static List<TurnRecord> ReadPending(SqliteSession session, long chat)
    {
        var turns = new List<TurnRecord>();
        using var row = session.Query(
            $"SELECT {Columns} FROM turns t {Pending} {Values} WHERE t.chat = ?1 AND t.state <= 2 ORDER BY t.sequence", chat);
        while (row.Read())
        {
            turns.Add(Read(row));
        }

        return turns;
    }

    /// <summary>The number of a chat's last turn; 0 when there is none.</summary>
    public static long LastSequence(SqliteSession session, long chat) =>
        session.Number("SELECT sequence FROM turns WHERE chat = ?1 ORDER BY sequence DESC LIMIT 1", chat) ?? 0;

    /// <summary>A chat's first turn that has not ended.</summary>
    public static TurnRow? FirstPending(SqliteSession session, long chat)
    {
        using var row = session.Query(
            $"SELECT {TurnRow.Columns} FROM turns {Pending} WHERE chat = ?1 AND state <= 2 ORDER BY sequence LIMIT 1", chat);
        return row.Read() ? TurnRow.Read(row, 0) : null;
    }

    /// <summary>A turn's place.</summary>
    public static TurnRow? FindPlace(SqliteSession session, long chat, long sequence)
    {
        using var row = session.Query($"SELECT {TurnRow.Columns} FROM turns WHERE chat = ?1 AND sequence = ?2", chat, sequence);
        return row.Read() ? TurnRow.Read(row, 0) : null;
    }

    /// <summary>Turns of a chat, in order. Values are read only as the rows are looked at.</summary>
    public static LogPage ReadLog(SqliteSession session, in ChatHead chat, LogRange range)
    {
        var turns = new List<TurnRecord>();
        var bytes = 0L;
        using var row = session.Query(
            $"""
            SELECT {AllColumns} FROM {Tables}
            WHERE t.chat = ?1 AND t.sequence > ?2 AND (?4 OR t.revision > 0 OR t.turn_id IS NULL) AND (t.curated OR NOT ?5)
            ORDER BY t.sequence LIMIT ?3
            """,
            chat.Id, range.AfterSequence, range.MaxTurns + 1L, range.Whole, range.Curated);
        while (row.Read())
        {
            if (turns.Count == range.MaxTurns || (turns.Count > 0 && bytes >= range.MaxBytes))
            {
                return new LogPage(turns, chat.Revision, HasMore: true, chat.Incarnation);
            }

            var turn = Read(row);
            bytes += turn.InputBytes + (turn.Outcome?.CalculateSize() ?? 0);
            turns.Add(turn);
        }

        return new LogPage(turns, chat.Revision, HasMore: false, chat.Incarnation);
    }

    /// <summary>Adds a turn.</summary>
    public static void Insert(SqliteSession session, long chat, in StoredTurn turn)
    {
        var record = turn.Record;
        var id = session.Insert(
            """
            INSERT INTO turns (chat, sequence, turn_id, request_id, request_hash, state, attempt, used_attempts, owner, revision, curated,
                create_time, start_time, end_time)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            """,
            chat, record.Sequence, NullIfEmpty(record.TurnId), NullIfEmpty(record.RequestId), record.RequestHash.ToArray(), (long)record.State,
            record.Attempt, record.UsedAttempts, record.Owner, record.Revision, record.Curated,
            record.CreateTime.UtcTicks, record.StartTime?.UtcTicks, record.EndTime?.UtcTicks);
        session.Execute("INSERT INTO inputs (turn, data) VALUES (?1, ?2)", id, turn.Input);
        if (turn.Outcome is not null)
        {
            InsertOutcome(session, id, turn.Outcome);
        }
    }

    /// <summary>Takes a turn's request id.</summary>
    public static void ClearRequest(SqliteSession session, long chat, string requestId) =>
        session.Execute("UPDATE turns SET request_id = NULL WHERE chat = ?1 AND request_id = ?2", chat, requestId);

    /// <summary>Starts an attempt.</summary>
    public static void Start(SqliteSession session, long id, StartStep step) =>
        session.Execute(
            "UPDATE turns SET state = ?2, attempt = ?3, used_attempts = ?4, owner = ?5, start_time = ?6 WHERE id = ?1",
            id, (long)TurnState.Running, step.Attempt, step.UsedAttempts, step.Owner, step.StartTime.UtcTicks);

    /// <summary>Sets the stop of a turn that has none, or a lower one.</summary>
    public static void Stop(SqliteSession session, long id, TurnStop stop) =>
        session.Execute("UPDATE turns SET stop = ?2 WHERE id = ?1 AND stop < ?2", id, (long)stop);

    /// <summary>Sets the stop of a chat's pending turns that have none, or a lower one.</summary>
    public static void StopPending(SqliteSession session, long chat, TurnStop stop) =>
        session.Execute($"UPDATE turns {Pending} SET stop = ?2 WHERE chat = ?1 AND state <= 2 AND stop < ?2", chat, (long)stop);

    /// <summary>The turns that an owner runs and that must stop.</summary>
    public static List<StoppedTurn> FindStopped(SqliteSession session, string owner)
    {
        var turns = new List<StoppedTurn>();
        using var row = session.Query("SELECT turn_id, stop FROM turns WHERE owner = ?1 AND stop > 0 AND state <= 2", owner);
        while (row.Read())
        {
            turns.Add(new StoppedTurn(row.Text(0), (TurnStop)row.Int32(1)));
        }

        return turns;
    }

    /// <summary>Queues a turn again.</summary>
    public static void Release(SqliteSession session, long id) =>
        session.Execute("UPDATE turns SET state = ?2, owner = NULL, start_time = NULL WHERE id = ?1", id, (long)TurnState.Queued);

    /// <summary>Ends a turn.</summary>
    public static void End(SqliteSession session, long id, EndStep step, byte[] outcome)
    {
        session.Execute(
            "UPDATE turns SET state = ?2, owner = NULL, revision = ?3, curated = ?4, end_time = ?5 WHERE id = ?1",
            id, (long)step.State, step.Head.Recorded ? step.Head.Revision : 0L, step.Curated, step.EndTime.UtcTicks);
        InsertOutcome(session, id, outcome);
    }

    private static void InsertOutcome(SqliteSession session, long id, byte[] outcome) =>
        session.Execute("INSERT INTO outcomes (turn, data) VALUES (?1, ?2)", id, outcome);

    private static TurnRecord? First(SqliteSession session, string sql, long chat, string id)
    {
        if (id.Length == 0)
        {
            return null;
        }

        using var row = session.Query(sql, chat, id);
        return row.Read() ? Read(row) : null;
    }

    private static TurnRecord Read(SqliteRows row) => new()
    {
        Sequence = row.Int64(0),
        TurnId = row.IsNull(1) ? "" : row.Text(1),
        RequestId = row.IsNull(2) ? "" : row.Text(2),
        RequestHash = row.Bytes(3).ToArray(),
        State = (TurnState)row.Int32(4),
        Attempt = row.Int32(5),
        UsedAttempts = row.Int32(6),
        Owner = row.TextOrNull(7),
        Revision = row.Int64(8),
        Curated = row.Boolean(9),
        CreateTime = Ticks.ToTime(row.Int64(10)),
        StartTime = row.IsNull(11) ? null : Ticks.ToTime(row.Int64(11)),
        EndTime = row.IsNull(12) ? null : Ticks.ToTime(row.Int64(12)),
        Stop = (TurnStop)row.Int32(13),
        Input = row.IsNull(14) ? null! : TurnInput.Parser.ParseFrom(row.Bytes(14)),
        InputBytes = row.Int64(15),
        Outcome = row.IsNull(16) ? null : TurnOutcome.Parser.ParseFrom(row.Bytes(16)),
    };

    private static string? NullIfEmpty(string id) => id.Length == 0 ? null : id;
}

/// <summary>A turn's row id and its place.</summary>
internal readonly record struct TurnRow(long Id, TurnPlace Place)
{
    /// <summary>What <see cref="Read"/> reads.</summary>
    public const string Columns = "id, sequence, turn_id, state, attempt, owner, stop";

    /// <summary>Reads the columns, in this order, from one of them on; null where an outer join found no turn.</summary>
    public static TurnRow? Read(in SqliteRows row, int column) => row.IsNull(column)
        ? null
        : new TurnRow(
            row.Int64(column),
            new TurnPlace(
                row.Int64(column + 1),
                row.TextOrNull(column + 2) ?? "",
                (TurnState)row.Int32(column + 3),
                row.Int32(column + 4),
                row.TextOrNull(column + 5),
                (TurnStop)row.Int32(column + 6)));
}
