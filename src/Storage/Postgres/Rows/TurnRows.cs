using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>Rows of turns. Steps rewrite small rows. Inputs and outcomes are written once, to tables of their own.</summary>
/// <remarks>Queries contain the key of the chat, so that they can be sent in a batch with the query that finds the chat.</remarks>
internal static class TurnRows
{
    // Whatever the planner estimates, a subquery, unlike a join, reads only the rows of the result. The length of a value is read without the value.
    private const string Columns = $"""
        {TurnColumns.Names},
        NULL::bytea AS input,
        (SELECT octet_length(i.data) FROM inputs i WHERE i.chat = t.chat AND i.sequence = t.sequence) AS input_bytes,
        {Outcome}
        """;

    /// <summary>The columns of turns t that <see cref="TurnColumns.Read"/> reads, with the input.</summary>
    public const string AllColumns = $"""
        {TurnColumns.Names},
        (SELECT i.data FROM inputs i WHERE i.chat = t.chat AND i.sequence = t.sequence) AS input,
        NULL::integer AS input_bytes,
        {Outcome}
        """;

    private const string Outcome = "(SELECT o.data FROM outcomes o WHERE o.chat = t.chat AND o.sequence = t.sequence) AS outcome";

    /// <summary>The number of the column after those.</summary>
    public const int NextColumn = 17;

    private const string PlaceColumns = $"t.sequence, t.turn_id, t.state, t.attempt, t.owner, t.stop, {OwnerRows.IsGone}";

    private const string Found = $"""
        {RangeRows.Visible},
            found AS MATERIALIZED (SELECT * FROM turns WHERE turn_id = $3 AND chat = ANY (ARRAY (SELECT log FROM visible)))
        """;

    private const string Base = "(SELECT base_sequence FROM chat)";

    private const string IsVisible = "EXISTS (SELECT 1 FROM visible v WHERE v.log = t.chat AND t.sequence BETWEEN v.first AND v.last)";

    /// <summary>Reads the turn of a chat's own log that has a request ID. If it was erased, it might have no input and no outcome.</summary>
    public static PostgresRows<TurnRecord> FindRequest(PostgresBatch batch, ChatKey key, string requestId, string chat = ChatRows.LiveId) => batch.Query(
        TurnColumns.Read, $"SELECT {AllColumns} FROM turns t WHERE t.chat = {chat} AND t.request_id = $3", Text(key.Tenant), Text(key.ChatId), Text(requestId));

    /// <summary>Reads the input of a turn.</summary>
    public static PostgresRows<TurnInput> ReadInput(PostgresBatch batch, ChatKey key, string turnId) => batch.Query(
        row => TurnInput.Parser.ParseFrom(row.Bytes(0)),
        $"{Found} SELECT (SELECT i.data FROM inputs i WHERE i.chat = t.chat AND i.sequence = t.sequence) FROM found t WHERE {IsVisible}",
        Text(key.Tenant), Text(key.ChatId), Text(turnId));

    /// <summary>Reads a turn by its ID, without its input.</summary>
    public static PostgresRows<TurnRecord> FindTurn(PostgresBatch batch, ChatKey key, string turnId) => batch.Query(
        ReadVisible, $"{Found} SELECT {Columns}, {Base} FROM found t WHERE {IsVisible}", Text(key.Tenant), Text(key.ChatId), Text(turnId));

    /// <summary>Reads the recorded turn that has a revision, without its input. Revisions increase in the range.</summary>
    /// <remarks>
    /// Finds the part of a log by its last revision. Then a binary search finds the first turn whose revision isn't less. Turns that weren't recorded have
    /// none, so each step looks at the last recorded one.
    /// </remarks>
    public static PostgresRows<TurnRecord> FindRevision(PostgresBatch batch, ChatKey key, long revision, SequenceRange range) => batch.Query(
        ReadVisible,
        $"""
        {RangeRows.Visible},
            part AS MATERIALIZED (
                SELECT v.log, greatest(v.first, $4) AS first, p.sequence AS last, p.revision FROM visible v
                CROSS JOIN LATERAL (
                    SELECT t.sequence, t.revision FROM turns t
                    WHERE t.chat = v.log AND t.sequence BETWEEN greatest(v.first, $4) AND least(v.last, $5) AND t.revision > 0
                    ORDER BY t.sequence DESC LIMIT 1) AS p
                WHERE p.revision >= $3 ORDER BY v.first LIMIT 1),
            search (log, first, last, revision) AS (
                SELECT log, first, last, revision FROM part
                UNION ALL
                SELECT s.log, CASE WHEN p.revision >= $3 THEN s.first ELSE s.middle + 1 END, coalesce(p.sequence, s.last), coalesce(p.revision, s.revision)
                FROM (SELECT *, (first + last) / 2 AS middle FROM search WHERE revision > $3 AND first < last) AS s
                LEFT JOIN LATERAL (
                    SELECT l.sequence, l.revision FROM (
                        SELECT t.sequence, t.revision FROM turns t
                        WHERE t.chat = s.log AND t.sequence BETWEEN s.first AND s.middle AND t.revision > 0
                        ORDER BY t.sequence DESC LIMIT 1) AS l
                    WHERE l.revision >= $3) AS p ON true)
        SELECT {Columns}, {Base} FROM turns t
        WHERE t.chat = (SELECT log FROM part) AND t.sequence = (SELECT last FROM search WHERE revision = $3) AND t.revision = $3
        """,
        Text(key.Tenant), Text(key.ChatId), Number(revision), Number(range.First), Number(range.Last));

    /// <summary>Finds a row if a turn of the chat, even one that it shares, has an ID.</summary>
    public static PostgresRows<bool> HasTurn(PostgresBatch batch, ChatKey key, string turnId) => batch.Query(
        _ => true,
        $"""
        SELECT 1 FROM turns WHERE chat = {ChatRows.Id} AND turn_id = $3
        UNION ALL
        SELECT 1 FROM turns t
        WHERE t.turn_id = $3 AND t.chat = ANY (ARRAY (SELECT log FROM ranges WHERE chat = {ChatRows.Id}))
            AND EXISTS (SELECT 1 FROM ranges r WHERE r.chat = {ChatRows.Id} AND r.log = t.chat AND t.sequence BETWEEN r.first AND r.last)
        """,
        Text(key.Tenant), Text(key.ChatId), Text(turnId));

    /// <summary>Reads the pending turns of a chat, in order, and whether their owners are gone.</summary>
    public static PostgresRows<PendingTurn> FindPending(PostgresBatch batch, ChatKey key) => batch.Query(
        row => new PendingTurn(TurnColumns.Read(row), row.Boolean(NextColumn)),
        $"SELECT {Columns}, {OwnerRows.IsGone} FROM turns t WHERE t.chat = {ChatRows.Id} AND t.state <= 2 ORDER BY t.sequence",
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>Reads the pending turns of some chats, in order, and the row IDs of their chats.</summary>
    public static PostgresRows<(long Chat, TurnRecord Turn)> FindPending(PostgresBatch batch, long[] chats) => batch.Query(
        row => (row.Int64(NextColumn), TurnColumns.Read(row)),
        $"SELECT {Columns}, t.chat FROM turns t WHERE t.chat = ANY ($1) AND t.state <= 2 ORDER BY t.chat, t.sequence",
        Numbers(chats));

    /// <summary>Reads the number of a chat's last turn. No row if there is none.</summary>
    public static PostgresRows<long> LastSequence(PostgresBatch batch, ChatKey key) => batch.Query(
        row => row.Int64(0),
        $"SELECT sequence FROM turns WHERE chat = {ChatRows.Id} ORDER BY sequence DESC LIMIT 1",
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>Reads the numbers of the last turns of some chats, in the order of their row IDs; 0 if a chat has no turns.</summary>
    public static PostgresRows<long> LastSequences(PostgresBatch batch, long[] chats) => batch.Query(
        row => row.Int64(0),
        """
        SELECT coalesce((SELECT t.sequence FROM turns t WHERE t.chat = c.id ORDER BY t.sequence DESC LIMIT 1), 0)
        FROM unnest($1) WITH ORDINALITY AS c (id, place) ORDER BY c.place
        """,
        Numbers(chats));

    /// <summary>Finds a chat's first pending turn.</summary>
    public static PostgresRows<TurnRow> FirstPending(PostgresBatch batch, ChatKey key) => batch.Query(
        ReadPlace,
        $"""
        SELECT {PlaceColumns} FROM turns t
        WHERE t.chat = {ChatRows.Id} AND t.state <= 2 ORDER BY t.sequence LIMIT 1
        """,
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>Finds a turn by its number.</summary>
    public static PostgresRows<TurnRow> FindPlace(PostgresBatch batch, ChatKey key, long sequence) => batch.Query(
        ReadPlace,
        $"SELECT {PlaceColumns} FROM turns t WHERE t.chat = {ChatRows.Id} AND t.sequence = $3",
        Text(key.Tenant), Text(key.ChatId), Number(sequence));

    /// <summary>Inserts a turn.</summary>
    public static void Insert(PostgresBatch batch, long chat, SerializedTurn turn)
    {
        var record = turn.Record;
        batch.Execute(
            """
            INSERT INTO turns (chat, sequence, turn_id, request_id, request_hash, state, attempt, used_attempts, owner, revision, curated,
                create_time, start_time, end_time)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            Number(chat), Number(record.Sequence), Text(TurnColumns.NullIfEmpty(record.TurnId)), Text(TurnColumns.NullIfEmpty(record.RequestId)), Bytes(record.RequestHash),
            Number((long)record.State), Number(record.Attempt), Number(record.UsedAttempts), Text(record.Owner), Number(record.Revision),
            Flag(record.Curated), Time(record.CreateTime), Time(record.StartTime), Time(record.EndTime));
        batch.Execute("INSERT INTO inputs (chat, sequence, data) VALUES ($1, $2, $3)", Number(chat), Number(record.Sequence), Bytes(turn.Input));
        if (turn.Outcome is not null)
        {
            InsertOutcome(batch, chat, record.Sequence, turn.Outcome);
        }
    }

    /// <summary>Removes a request ID from its turn.</summary>
    public static void ClearRequest(PostgresBatch batch, long chat, string requestId) =>
        batch.Execute("UPDATE turns SET request_id = NULL WHERE chat = $1 AND request_id = $2", Number(chat), Text(requestId));

    /// <summary>Starts an attempt.</summary>
    public static void Start(PostgresBatch batch, long chat, StartStep step) => batch.Execute(
        "UPDATE turns SET state = 2, attempt = $3, used_attempts = $4, owner = $5, start_time = $6 WHERE chat = $1 AND sequence = $2",
        Number(chat), Number(step.Sequence), Number(step.Attempt), Number(step.UsedAttempts), Text(step.Owner), Time(step.StartTime));

    /// <summary>Sets the stop of a turn, unless it has this one or a higher one.</summary>
    public static void Stop(PostgresBatch batch, long chat, StopStep step) => batch.Execute(
        "UPDATE turns SET stop = $3 WHERE chat = $1 AND sequence = $2 AND stop < $3",
        Number(chat), Number(step.Sequence), Number((long)step.Stop));

    /// <summary>Sets the stop of a chat's pending turns, unless they have this one or a higher one.</summary>
    public static void StopPending(PostgresBatch batch, long chat, TurnStop stop) => batch.Execute(
        "UPDATE turns SET stop = $2 WHERE chat = $1 AND state <= 2 AND stop < $2", Number(chat), Number((long)stop));

    /// <summary>Finds the turns that an owner runs and that must stop.</summary>
    public static PostgresRows<StoppedTurn> FindStopped(PostgresBatch batch, string owner) => batch.Query(
        row => new StoppedTurn(row.Text(0), (TurnStop)row.Int32(1)),
        "SELECT turn_id, stop FROM turns WHERE owner = $1 AND stop > 0 AND state <= 2",
        Text(owner));

    /// <summary>Returns a turn to the queue.</summary>
    public static void Release(PostgresBatch batch, long chat, long sequence) => batch.Execute(
        "UPDATE turns SET state = 1, owner = NULL, start_time = NULL WHERE chat = $1 AND sequence = $2", Number(chat), Number(sequence));

    /// <summary>Ends a turn.</summary>
    public static void End(PostgresBatch batch, long chat, EndStep step, byte[] outcome)
    {
        batch.Execute(
            "UPDATE turns SET state = $3, owner = NULL, revision = $4, curated = $5, end_time = $6 WHERE chat = $1 AND sequence = $2",
            Number(chat), Number(step.Sequence), Number((long)step.State), Number(step.Head.Recorded ? step.Head.Revision : 0), Flag(step.Curated),
            Time(step.EndTime));
        InsertOutcome(batch, chat, step.Sequence, outcome);
    }

    private static void InsertOutcome(PostgresBatch batch, long chat, long sequence, byte[] outcome) => batch.Execute(
        "INSERT INTO outcomes (chat, sequence, data) VALUES ($1, $2, $3)", Number(chat), Number(sequence), Bytes(outcome));

    private static TurnRecord ReadVisible(PostgresRow row) =>
        VisibleLog.Of(TurnColumns.Read(row), row.IsNull(NextColumn) ? null : row.Int64(NextColumn));

    private static TurnRow ReadPlace(PostgresRow row) => new(TurnColumns.ReadPlace(row, 0), row.Boolean(6));
}

/// <summary>The state of a turn, and whether its owner is gone by the clock of the database server.</summary>
internal readonly record struct TurnRow(TurnPlace Place, bool IsOwnerGone);

/// <summary>A pending turn, and whether it has no owner, or one that is gone.</summary>
internal readonly record struct PendingTurn(TurnRecord Turn, bool IsAbandoned);
