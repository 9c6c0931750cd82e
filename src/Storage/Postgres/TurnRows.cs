using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using Npgsql;
using static GenAI.Chats.Storage.Postgres.PostgresValues;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Turns as rows. What a start, a release and an end rewrite is a small row; the input and the outcome are written once, to tables of their own.</summary>
/// <remarks>Queries name the chat by its key, so that they can go to the server together with the one that finds it.</remarks>
internal static class TurnRows
{
    // A subquery, unlike a join, reads the rows that are asked for whatever the planner thinks. The length alone leaves a large value where it is.
    private const string Columns = $"""
        {Head},
        NULL::bytea AS input,
        (SELECT octet_length(i.data) FROM inputs i WHERE i.chat = t.chat AND i.sequence = t.sequence) AS input_bytes,
        {Outcome}
        """;

    private const string AllColumns = $"""
        {Head},
        (SELECT i.data FROM inputs i WHERE i.chat = t.chat AND i.sequence = t.sequence) AS input,
        NULL::integer AS input_bytes,
        {Outcome}
        """;

    private const string Head = """
        t.sequence, t.turn_id, t.request_id, t.request_hash, t.state, t.attempt, t.used_attempts, t.owner, t.revision, t.curated,
        t.create_time, t.start_time, t.end_time, t.stop
        """;

    private const string Outcome = "(SELECT o.data FROM outcomes o WHERE o.chat = t.chat AND o.sequence = t.sequence) AS outcome";

    private const int NextColumn = 17;

    /// <summary>What <see cref="ReadPlace"/> reads.</summary>
    private const string PlaceColumns = $"t.sequence, t.turn_id, t.state, t.attempt, t.owner, t.stop, {OwnerRows.IsGone}";

    private const string Chat = "(SELECT id FROM chats WHERE tenant = $1 AND chat_id = $2)";

    /// <summary>The turn of a chat that has a request id.</summary>
    public static PostgresRows<TurnRecord> FindRequest(PostgresBatch batch, ChatKey key, string requestId) => batch.Query(
        Read, $"SELECT {AllColumns} FROM turns t WHERE t.chat = {Chat} AND t.request_id = $3", Text(key.Tenant), Text(key.ChatId), Text(requestId));

    /// <summary>What a turn was accepted with.</summary>
    public static PostgresRows<TurnInput> ReadInput(PostgresBatch batch, ChatKey key, string turnId) => batch.Query(
        row => TurnInput.Parser.ParseFrom(row.GetFieldValue<byte[]>(0)),
        $"""
        SELECT (SELECT i.data FROM inputs i WHERE i.chat = t.chat AND i.sequence = t.sequence) FROM turns t
        WHERE t.chat = {Chat} AND t.turn_id = $3
        """,
        Text(key.Tenant), Text(key.ChatId), Text(turnId));

    /// <summary>The turn of a chat that has an id, without its input.</summary>
    public static PostgresRows<TurnRecord> FindTurn(PostgresBatch batch, ChatKey key, string turnId) => batch.Query(
        Read, $"SELECT {Columns} FROM turns t WHERE t.chat = {Chat} AND t.turn_id = $3", Text(key.Tenant), Text(key.ChatId), Text(turnId));

    /// <summary>A row where a turn of a chat has an id.</summary>
    public static PostgresRows<bool> HasTurn(PostgresBatch batch, ChatKey key, string turnId) => batch.Query(
        _ => true, $"SELECT 1 FROM turns WHERE chat = {Chat} AND turn_id = $3", Text(key.Tenant), Text(key.ChatId), Text(turnId));

    /// <summary>The turns of a chat that have not ended, in order, each with whether its owner is gone.</summary>
    public static PostgresRows<PendingTurn> FindPending(PostgresBatch batch, ChatKey key) => batch.Query(
        row => new PendingTurn(Read(row), row.GetBoolean(NextColumn)),
        $"SELECT {Columns}, {OwnerRows.IsGone} FROM turns t WHERE t.chat = {Chat} AND t.state <= 2 ORDER BY t.sequence",
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>The turns of some chats that have not ended, in order, by the row ids of the chats.</summary>
    public static PostgresRows<(long Chat, TurnRecord Turn)> FindPending(PostgresBatch batch, long[] chats) => batch.Query(
        row => (row.GetInt64(NextColumn), Read(row)),
        $"SELECT {Columns}, t.chat FROM turns t WHERE t.chat = ANY ($1) AND t.state <= 2 ORDER BY t.chat, t.sequence",
        Numbers(chats));

    /// <summary>The number of a chat's last turn; no row when there is none.</summary>
    public static PostgresRows<long> LastSequence(PostgresBatch batch, ChatKey key) => batch.Query(
        row => row.GetInt64(0),
        $"SELECT sequence FROM turns WHERE chat = {Chat} ORDER BY sequence DESC LIMIT 1",
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>The numbers of some chats' last turns, 0 where there is none, in the order of the chats' row ids.</summary>
    public static PostgresRows<long> LastSequences(PostgresBatch batch, long[] chats) => batch.Query(
        row => row.GetInt64(0),
        """
        SELECT coalesce((SELECT t.sequence FROM turns t WHERE t.chat = c.id ORDER BY t.sequence DESC LIMIT 1), 0)
        FROM unnest($1) WITH ORDINALITY AS c (id, place) ORDER BY c.place
        """,
        Numbers(chats));

    /// <summary>A chat's first turn that has not ended.</summary>
    public static PostgresRows<TurnRow> FirstPending(PostgresBatch batch, ChatKey key) => batch.Query(
        ReadPlace,
        $"""
        SELECT {PlaceColumns} FROM turns t
        WHERE t.chat = {Chat} AND t.state <= 2 ORDER BY t.sequence LIMIT 1
        """,
        Text(key.Tenant), Text(key.ChatId));

    /// <summary>A turn's place.</summary>
    public static PostgresRows<TurnRow> FindPlace(PostgresBatch batch, ChatKey key, long sequence) => batch.Query(
        ReadPlace,
        $"SELECT {PlaceColumns} FROM turns t WHERE t.chat = {Chat} AND t.sequence = $3",
        Text(key.Tenant), Text(key.ChatId), Number(sequence));

    /// <summary>Turns of a chat, in order, each with whether one follows. The server sends none that the range leaves out.</summary>
    public static PostgresRows<(TurnRecord Turn, bool HasNext)> ReadLog(PostgresBatch batch, ChatKey key, LogRange range) => batch.Query(
        row => (Read(row), row.GetBoolean(NextColumn)),
        $"""
        SELECT sequence, turn_id, request_id, request_hash, state, attempt, used_attempts, owner, revision, curated,
            create_time, start_time, end_time, stop, input, input_bytes, outcome, has_next
        FROM (
            SELECT r.*,
                row_number() OVER log AS place,
                lead(true, 1, false) OVER log AS has_next,
                sum(octet_length(input) + coalesce(octet_length(outcome), 0)) OVER (log ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
            FROM (
                SELECT {AllColumns} FROM turns t
                WHERE t.chat = {Chat} AND t.sequence > $3 AND ($6 OR t.revision > 0 OR t.turn_id IS NULL) AND (t.curated OR NOT $7)
                ORDER BY t.sequence LIMIT $4 + 1
            ) AS r
            WINDOW log AS (ORDER BY sequence)
        ) AS p
        WHERE place = 1 OR (place <= $4 AND bytes_before < $5)
        ORDER BY sequence
        """,
        Text(key.Tenant), Text(key.ChatId), Number(range.AfterSequence), Number(range.MaxTurns), Number(range.MaxBytes), Flag(range.Whole),
        Flag(range.Curated));

    /// <summary>Adds a turn.</summary>
    public static void Insert(PostgresBatch batch, long chat, in StoredTurn turn)
    {
        var record = turn.Record;
        batch.Execute(
            """
            INSERT INTO turns (chat, sequence, turn_id, request_id, request_hash, state, attempt, used_attempts, owner, revision, curated,
                create_time, start_time, end_time)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            Number(chat), Number(record.Sequence), Text(NullIfEmpty(record.TurnId)), Text(NullIfEmpty(record.RequestId)), Bytes(record.RequestHash),
            Number((long)record.State), Number(record.Attempt), Number(record.UsedAttempts), Text(record.Owner), Number(record.Revision),
            Flag(record.Curated), Time(record.CreateTime), Time(record.StartTime), Time(record.EndTime));
        batch.Execute("INSERT INTO inputs (chat, sequence, data) VALUES ($1, $2, $3)", Number(chat), Number(record.Sequence), Bytes(turn.Input));
        if (turn.Outcome is not null)
        {
            InsertOutcome(batch, chat, record.Sequence, turn.Outcome);
        }
    }

    /// <summary>Takes a turn's request id.</summary>
    public static void ClearRequest(PostgresBatch batch, long chat, string requestId) =>
        batch.Execute("UPDATE turns SET request_id = NULL WHERE chat = $1 AND request_id = $2", Number(chat), Text(requestId));

    /// <summary>Starts an attempt.</summary>
    public static void Start(PostgresBatch batch, long chat, StartStep step) => batch.Execute(
        "UPDATE turns SET state = 2, attempt = $3, used_attempts = $4, owner = $5, start_time = $6 WHERE chat = $1 AND sequence = $2",
        Number(chat), Number(step.Sequence), Number(step.Attempt), Number(step.UsedAttempts), Text(step.Owner), Time(step.StartTime));

    /// <summary>Sets the stop of a turn that has none, or a lower one.</summary>
    public static void Stop(PostgresBatch batch, long chat, StopStep step) => batch.Execute(
        "UPDATE turns SET stop = $3 WHERE chat = $1 AND sequence = $2 AND stop < $3",
        Number(chat), Number(step.Sequence), Number((long)step.Stop));

    /// <summary>Sets the stop of a chat's pending turns that have none, or a lower one.</summary>
    public static void StopPending(PostgresBatch batch, long chat, TurnStop stop) => batch.Execute(
        "UPDATE turns SET stop = $2 WHERE chat = $1 AND state <= 2 AND stop < $2", Number(chat), Number((long)stop));

    /// <summary>The turns that an owner runs and that must stop.</summary>
    public static PostgresRows<StoppedTurn> FindStopped(PostgresBatch batch, string owner) => batch.Query(
        row => new StoppedTurn(row.GetText(0), (TurnStop)row.GetInt16(1)),
        "SELECT turn_id, stop FROM turns WHERE owner = $1 AND stop > 0 AND state <= 2",
        Text(owner));

    /// <summary>Queues a turn again.</summary>
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

    private static TurnRow ReadPlace(NpgsqlDataReader row) => new(
        new TurnPlace(
            row.GetInt64(0), row.GetTextOrNull(1) ?? "", (TurnState)row.GetInt16(2), row.GetInt32(3), row.GetTextOrNull(4), (TurnStop)row.GetInt16(5)),
        row.GetBoolean(6));

    private static TurnRecord Read(NpgsqlDataReader row) => new()
    {
        Sequence = row.GetInt64(0),
        TurnId = row.GetTextOrNull(1) ?? "",
        RequestId = row.GetTextOrNull(2) ?? "",
        RequestHash = row.GetFieldValue<byte[]>(3),
        State = (TurnState)row.GetInt16(4),
        Attempt = row.GetInt32(5),
        UsedAttempts = row.GetInt32(6),
        Owner = row.GetTextOrNull(7),
        Revision = row.GetInt64(8),
        Curated = row.GetBoolean(9),
        CreateTime = Ticks.ToTime(row.GetInt64(10)),
        StartTime = row.IsDBNull(11) ? null : Ticks.ToTime(row.GetInt64(11)),
        EndTime = row.IsDBNull(12) ? null : Ticks.ToTime(row.GetInt64(12)),
        Stop = (TurnStop)row.GetInt16(13),
        Input = row.IsDBNull(14) ? null! : TurnInput.Parser.ParseFrom(row.GetFieldValue<byte[]>(14)),
        InputBytes = row.IsDBNull(15) ? 0 : row.GetInt32(15),
        Outcome = row.IsDBNull(16) ? null : TurnOutcome.Parser.ParseFrom(row.GetFieldValue<byte[]>(16)),
    };

    private static string? NullIfEmpty(string id) => id.Length == 0 ? null : id;
}

/// <summary>A turn's place, and whether its owner is gone by the server's clock.</summary>
internal readonly record struct TurnRow(TurnPlace Place, bool IsOwnerGone);

/// <summary>A turn that has not ended, and whether it has no owner, or one that is gone.</summary>
internal readonly record struct PendingTurn(TurnRecord Turn, bool IsAbandoned);
