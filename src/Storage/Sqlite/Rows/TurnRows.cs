namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>
/// Rows of turns. Steps rewrite small rows. Inputs and outcomes are written once, at the end of tables of their own, so that turns of
/// different chats that share a commit also share its pages.
/// </summary>
internal static class TurnRows
{
    // Without the input.
    private const string Columns = $"{TurnColumns.Names}, NULL, length(i.data), o.data";

    private const string AllColumns = $"{TurnColumns.Names}, i.data, length(i.data), o.data";

    private const string Tables = $"turns t {Values}";

    // Without it, the planner reads all turns of the chat in order.
    private const string Pending = "INDEXED BY turns_pending";

    private const string Values = "JOIN inputs i ON i.turn = t.id LEFT JOIN outcomes o ON o.turn = t.id";

    /// <summary>Reads the turn of a chat's own log that has a request ID. If it was erased, it might have no input and no outcome.</summary>
    public static TurnRecord? FindRequest(SqliteSession session, long chat, string requestId) => First(
        session,
        $"SELECT {AllColumns} FROM turns t LEFT JOIN inputs i ON i.turn = t.id LEFT JOIN outcomes o ON o.turn = t.id WHERE t.chat = ?1 AND t.request_id = ?2",
        chat,
        requestId);

    /// <summary>Reads a turn by its ID, without its input.</summary>
    public static TurnRecord? FindTurn(SqliteSession session, in HeadRow chat, string turnId) =>
        First(session, $"SELECT {Columns} FROM {Tables} WHERE {HasId(chat)}", chat.Id, turnId) is { } turn ? VisibleLog.Of(turn, chat.BaseSequence) : null;

    /// <summary>Reads the input of a turn.</summary>
    public static TurnInput? ReadInput(SqliteSession session, in HeadRow chat, string turnId)
    {
        using var row = session.Query($"SELECT i.data FROM turns t JOIN inputs i ON i.turn = t.id WHERE {HasId(chat)}", chat.Id, turnId);
        return row.Read() ? TurnInput.Parser.ParseFrom(row.Bytes(0)) : null;
    }

    /// <summary>Reads the recorded turn of a part of a log that has a revision, without its input. Revisions increase in the part.</summary>
    public static TurnRecord? FindRevision(SqliteSession session, in HeadRow chat, LogPart part, long revision)
    {
        if (FindSequence(session, part, revision) is not { } sequence)
        {
            return null;
        }

        using var row = session.Query($"SELECT {Columns} FROM {Tables} WHERE t.chat = ?1 AND t.sequence = ?2", part.Log, sequence);
        return row.Read() ? VisibleLog.Of(TurnColumns.Read(row), chat.BaseSequence) : null;
    }

    /// <summary>Finds the last recorded turn of a part of a log.</summary>
    public static (long Sequence, long Revision)? LastRecorded(SqliteSession session, LogPart part)
    {
        using var row = session.Query(
            "SELECT sequence, revision FROM turns WHERE chat = ?1 AND sequence BETWEEN ?2 AND ?3 AND revision > 0 ORDER BY sequence DESC LIMIT 1",
            part.Log, part.First, part.Last);
        return row.Read() ? (row.Int64(0), row.Int64(1)) : null;
    }

    /// <summary>Reads the pending turns of a chat, in order, without their inputs.</summary>
    public static List<TurnRecord> ReadPending(SqliteSession session, long chat)
    {
        var turns = new List<TurnRecord>();
        using var row = session.Query(
            $"SELECT {Columns} FROM turns t {Pending} {Values} WHERE t.chat = ?1 AND t.state <= 2 ORDER BY t.sequence", chat);
        while (row.Read())
        {
            turns.Add(TurnColumns.Read(row));
        }

        return turns;
    }

    /// <summary>Reads the number of a chat's last turn; 0 if there is none.</summary>
    public static long LastSequence(SqliteSession session, long chat, long? baseSequence) =>
        session.Number("SELECT sequence FROM turns WHERE chat = ?1 ORDER BY sequence DESC LIMIT 1", chat) ?? baseSequence ?? 0;

    /// <summary>Returns a query that has a row if a chat has a pending turn.</summary>
    public static string PendingOf(string chat) => $"SELECT 1 FROM turns p {Pending} WHERE p.chat = {chat} AND p.state <= 2";

    /// <summary>Finds a chat's first pending turn.</summary>
    public static TurnRow? FirstPending(SqliteSession session, long chat)
    {
        using var row = session.Query(
            $"SELECT {TurnRow.Columns} FROM turns {Pending} WHERE chat = ?1 AND state <= 2 ORDER BY sequence LIMIT 1", chat);
        return row.Read() ? TurnRow.Read(row, 0) : null;
    }

    /// <summary>Finds a turn by its number.</summary>
    public static TurnRow? FindPlace(SqliteSession session, long chat, long sequence)
    {
        using var row = session.Query($"SELECT {TurnRow.Columns} FROM turns WHERE chat = ?1 AND sequence = ?2", chat, sequence);
        return row.Read() ? TurnRow.Read(row, 0) : null;
    }

    /// <summary>Reads turns of some parts of logs, in their order. SQLite reads values only when their columns are read.</summary>
    public static LogPage ReadLog(SqliteSession session, in HeadRow chat, LogRange range)
    {
        var tree = TreeRows.Read(session, chat.Id);
        var page = new LogPageBuilder(range);
        foreach (var part in RangeRows.Read(session, chat.Id, chat.BaseSequence).In(range, tree))
        {
            using var row = session.Query(
                $"""
                SELECT {AllColumns} FROM {Tables}
                WHERE t.chat = ?1 AND t.sequence BETWEEN ?2 AND ?3 AND (?5 OR t.revision > 0 OR t.turn_id IS NULL) AND (t.curated OR NOT ?6)
                ORDER BY t.sequence {(range.NewestFirst ? "DESC" : "ASC")} LIMIT ?4
                """,
                part.Log, part.First, part.Last, page.MaxTurns + 1L, range.Scope is LogScope.Whole, range.Curated);
            while (row.Read())
            {
                if (page.IsFull)
                {
                    return page.Build(chat.Revision, chat.Incarnation, tree, hasMore: true);
                }

                page.Add(VisibleLog.Of(TurnColumns.Read(row), chat.BaseSequence));
            }
        }

        return page.Build(chat.Revision, chat.Incarnation, tree, hasMore: false);
    }

    /// <summary>Inserts a turn.</summary>
    public static void Insert(SqliteSession session, long chat, SerializedTurn turn)
    {
        var record = turn.Record;
        var id = session.Insert(
            """
            INSERT INTO turns (chat, sequence, turn_id, request_id, request_hash, state, attempt, used_attempts, owner, revision, curated,
                create_time, start_time, end_time)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            """,
            chat, record.Sequence, TurnColumns.NullIfEmpty(record.TurnId), TurnColumns.NullIfEmpty(record.RequestId), record.RequestHash.ToArray(), (long)record.State,
            record.Attempt, record.UsedAttempts, record.Owner, record.Revision, record.Curated,
            record.CreateTime.UtcTicks, record.StartTime?.UtcTicks, record.EndTime?.UtcTicks);
        session.Execute("INSERT INTO inputs (turn, data) VALUES (?1, ?2)", id, turn.Input);
        if (turn.Outcome is not null)
        {
            InsertOutcome(session, id, turn.Outcome);
        }
    }

    /// <summary>Removes a request ID from its turn.</summary>
    public static void ClearRequest(SqliteSession session, long chat, string requestId) =>
        session.Execute("UPDATE turns SET request_id = NULL WHERE chat = ?1 AND request_id = ?2", chat, requestId);

    /// <summary>Starts an attempt.</summary>
    public static void Start(SqliteSession session, long id, StartStep step) =>
        session.Execute(
            "UPDATE turns SET state = ?2, attempt = ?3, used_attempts = ?4, owner = ?5, start_time = ?6 WHERE id = ?1",
            id, (long)TurnState.Running, step.Attempt, step.UsedAttempts, step.Owner, step.StartTime.UtcTicks);

    /// <summary>Sets the stop of a turn, unless it has this one or a higher one.</summary>
    public static void Stop(SqliteSession session, long id, TurnStop stop) =>
        session.Execute("UPDATE turns SET stop = ?2 WHERE id = ?1 AND stop < ?2", id, (long)stop);

    /// <summary>Sets the stop of a chat's pending turns, unless they have this one or a higher one.</summary>
    public static void StopPending(SqliteSession session, long chat, TurnStop stop) =>
        session.Execute($"UPDATE turns {Pending} SET stop = ?2 WHERE chat = ?1 AND state <= 2 AND stop < ?2", chat, (long)stop);

    /// <summary>Finds the turns that an owner runs and that must stop.</summary>
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

    /// <summary>Returns a turn to the queue.</summary>
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

    // Binary search for the first turn whose revision isn't less. Turns that weren't recorded have none, so each step looks at the last recorded one.
    private static long? FindSequence(SqliteSession session, LogPart part, long revision)
    {
        if (revision <= 0 || LastRecorded(session, part) is not { } last || last.Revision < revision)
        {
            return null;
        }

        var first = part.First;
        while (last.Revision != revision && first < last.Sequence)
        {
            var middle = first + ((last.Sequence - first) / 2);
            if (LastRecorded(session, new LogPart(part.Log, first, middle)) is { } found && found.Revision >= revision)
            {
                last = found;
            }
            else
            {
                first = middle + 1;
            }
        }

        return last.Revision == revision ? last.Sequence : null;
    }

    // The condition that a turn t of the chat ?1 has the ID ?2.
    private static string HasId(in HeadRow chat) => chat.BaseSequence is null
        ? "t.chat = ?1 AND t.turn_id = ?2"
        : "t.turn_id = ?2 AND EXISTS (SELECT 1 FROM ranges r WHERE r.chat = ?1 AND r.log = t.chat AND t.sequence BETWEEN r.first AND r.last)";

    private static void InsertOutcome(SqliteSession session, long id, byte[] outcome) =>
        session.Execute("INSERT INTO outcomes (turn, data) VALUES (?1, ?2)", id, outcome);

    private static TurnRecord? First(SqliteSession session, string sql, long chat, string id)
    {
        if (id.Length == 0)
        {
            return null;
        }

        using var row = session.Query(sql, chat, id);
        return row.Read() ? TurnColumns.Read(row) : null;
    }
}

/// <summary>The ID of a turn's row, and the state of the turn.</summary>
internal readonly record struct TurnRow(long Id, TurnPlace Place)
{
    /// <summary>The columns that <see cref="Read"/> reads.</summary>
    public const string Columns = "id, sequence, turn_id, state, attempt, owner, stop";

    /// <summary>Reads <see cref="Columns"/>, the first of which has a number. Returns null if an outer join found no turn.</summary>
    public static TurnRow? Read(in SqliteRows row, int column) => row.IsNull(column)
        ? null
        : new TurnRow(row.Int64(column), TurnColumns.ReadPlace(row, column + 1));
}
