using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>
/// The two steps that nearly every turn consists of, in one statement each for any number of chats: a turn is accepted, and a running turn that is recorded
/// ends. The statement writes for those steps that have all preconditions of <see cref="StepPreconditions"/>, and returns their indexes.
/// </summary>
/// <remarks>
/// Whatever the planner estimates, a subquery with a limit and a comparison with an array, unlike a join, read only the rows of the steps. A plan that was
/// made for small tables must not scan large ones.
/// </remarks>
internal static class GroupRows
{
    // The chats that this transaction has locked.
    private const string Locked = "(current_setting('chats.locked')::bigint[])";

    private const string AndChat = "CROSS JOIN LATERAL (SELECT * FROM chats h WHERE h.tenant = s.tenant AND h.chat_id = s.chat_id LIMIT 1) AS c";

    /// <summary>Indicates whether a step is one of the two.</summary>
    public static bool Has(ChatStep step) => step switch
    {
        AcceptStep accept => accept is { Turn: { IsPending: true, Curated: false, EndTime: null }, Replaces: null, StopsOthers: TurnStop.None, Head: null },
        EndStep end => end is { IsRunning: true, Owner: not null, HasProgress: false, Head: { Recorded: true, Tree: null, Closes.Count: 0 } },
        _ => false,
    };

    /// <summary>Locks the chats of steps, except for chats that others have locked. A statement of its own, so that later statements see what was written before.</summary>
    public static void Lock(PostgresBatch batch, IReadOnlyList<SerializedStep> steps) => batch.Query(
        static _ => true,
        """
        SELECT set_config('chats.locked', coalesce(array_agg(l.id), '{}')::text, true) FROM (
            SELECT c.id FROM unnest($1, $2) AS s (tenant, chat_id)
            CROSS JOIN LATERAL (SELECT h.id FROM chats h WHERE h.tenant = s.tenant AND h.chat_id = s.chat_id FOR UPDATE SKIP LOCKED) AS c) AS l
        """,
        Tenants(steps), Chats(steps));

    /// <summary>Accepts pending turns.</summary>
    public static PostgresRows<int> Accept(PostgresBatch batch, IReadOnlyList<SerializedStep> steps)
    {
        var turns = steps.Select(static step => step.Turns[0].Record).ToArray();
        return batch.Query(
            ReadIndex,
            $"""
            WITH done AS MATERIALIZED (
                SELECT s.*, c.id AS chat
                FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) WITH ORDINALITY AS s (tenant, chat_id, version, expected_revision,
                    sequence, turn_id, request_id, request_hash, state, attempt, used_attempts, owner, create_time, start_time, input, place)
                {AndChat}
                WHERE c.id = ANY {Locked} AND c.version = s.version AND c.revision = coalesce(s.expected_revision, c.revision)
                    AND s.sequence = 1 + coalesce((SELECT l.sequence FROM turns l WHERE l.chat = c.id ORDER BY l.sequence DESC LIMIT 1), c.base_sequence, 0)
                    AND CASE (SELECT true FROM turns p WHERE p.chat = c.id AND p.state <= 2 LIMIT 1)
                        WHEN true THEN s.state = 1 ELSE c.expire_time IS NULL OR c.expire_time > {ChatRows.Now} END
                    AND (SELECT true FROM turns t WHERE t.chat = c.id AND t.turn_id = s.turn_id LIMIT 1) IS NULL
                    AND (c.base_sequence IS NULL OR (SELECT true FROM turns t
                        WHERE t.turn_id = s.turn_id AND t.chat = ANY (ARRAY (SELECT log FROM ranges WHERE chat = c.id))
                            AND EXISTS (SELECT 1 FROM ranges r WHERE r.chat = c.id AND r.log = t.chat AND t.sequence BETWEEN r.first AND r.last)
                        LIMIT 1) IS NULL)
                    AND (SELECT true FROM turns r WHERE r.chat = c.id AND r.request_id = s.request_id LIMIT 1) IS NULL),
            turn AS (
                INSERT INTO turns (chat, sequence, turn_id, request_id, request_hash, state, attempt, used_attempts, owner, revision, curated,
                    create_time, start_time)
                SELECT chat, sequence, turn_id, request_id, request_hash, state, attempt, used_attempts, owner, 0, false, create_time, start_time FROM done),
            input AS (INSERT INTO inputs (chat, sequence, data) SELECT chat, sequence, input FROM done)
            SELECT place FROM done
            """,
            Tenants(steps),
            Chats(steps),
            Numbers(Of(steps, static step => ((AcceptStep)step.Step).Version)),
            NumbersOrNulls(Of(steps, static step => ((AcceptStep)step.Step).ExpectedRevision)),
            Numbers(Of(turns, static turn => turn.Sequence)),
            Texts(Of(turns, static turn => TurnColumns.NullIfEmpty(turn.TurnId))),
            Texts(Of(turns, static turn => TurnColumns.NullIfEmpty(turn.RequestId))),
            Blobs(Of(turns, static turn => turn.RequestHash.ToArray())),
            Numbers(Of(turns, static turn => (long)turn.State)),
            Numbers(Of(turns, static turn => (long)turn.Attempt)),
            Numbers(Of(turns, static turn => (long)turn.UsedAttempts)),
            Texts(Of(turns, static turn => turn.Owner)),
            Numbers(Of(turns, static turn => turn.CreateTime.UtcTicks)),
            NumbersOrNulls(Of(turns, static turn => turn.StartTime?.UtcTicks)),
            Blobs(Of(steps, static step => step.Turns[0].Input)));
    }

    /// <summary>Ends running turns that are recorded.</summary>
    public static PostgresRows<int> End(PostgresBatch batch, IReadOnlyList<SerializedStep> steps)
    {
        var ends = steps.Select(static step => (EndStep)step.Step).ToArray();
        return batch.Query(
            ReadIndex,
            $"""
            WITH done AS MATERIALIZED (
                SELECT s.*, c.id AS chat
                FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) WITH ORDINALITY AS s (tenant, chat_id,
                    version, sequence, turn_id, attempt, owner, stop, state, curated, end_time, outcome,
                    expected_revision, turn_count, bytes, usage, update_time, ttl, open, place)
                {AndChat}
                CROSS JOIN LATERAL (SELECT * FROM turns p WHERE p.chat = c.id AND p.state <= 2 ORDER BY p.sequence LIMIT 1) AS t
                WHERE c.id = ANY {Locked} AND c.version = coalesce(s.version, c.version) AND c.revision = s.expected_revision
                    AND t.sequence = s.sequence AND t.turn_id = s.turn_id AND t.state = 2 AND t.attempt = s.attempt AND t.owner = s.owner AND t.stop = s.stop),
            turn AS (
                UPDATE turns t SET state = d.state, owner = NULL, revision = d.expected_revision + 1, curated = d.curated, end_time = d.end_time
                FROM done d WHERE t.chat = ANY (ARRAY[d.chat]) AND t.sequence = d.sequence),
            outcome AS (INSERT INTO outcomes (chat, sequence, data) SELECT chat, sequence, outcome FROM done),
            head AS (
                UPDATE chats c SET revision = d.expected_revision + 1, turn_count = coalesce(d.turn_count, c.turn_count + 1),
                    history_bytes = c.history_bytes + d.bytes, total_usage = d.usage, update_time = d.update_time,
                    expire_time = {ChatRows.Extended("d.ttl")},
                    open_sequence = CASE WHEN d.open IS NULL THEN c.open_sequence ELSE nullif(d.open, 0) END
                FROM done d WHERE c.id = ANY (ARRAY[d.chat]))
            SELECT place FROM done
            """,
            Tenants(steps),
            Chats(steps),
            NumbersOrNulls(Of(ends, static end => end.Version)),
            Numbers(Of(ends, static end => end.Sequence)),
            Texts(Of(ends, static end => end.TurnId)),
            Numbers(Of(ends, static end => (long)end.Attempt)),
            Texts(Of(ends, static end => end.Owner)),
            Numbers(Of(ends, static end => (long)end.Stop)),
            Numbers(Of(ends, static end => (long)end.State)),
            Flags(Of(ends, static end => end.Curated)),
            Numbers(Of(ends, static end => end.EndTime.UtcTicks)),
            Blobs(Of(steps, static step => step.Message)),
            Numbers(Of(ends, static end => end.Head.ExpectedRevision)),
            NumbersOrNulls(Of(ends, static end => end.Head.TurnCount)),
            Numbers(Of(ends, static end => end.Head.StoredBytes)),
            Blobs(Of(ends, static end => end.Head.TotalUsage?.ToByteArray())),
            Numbers(Of(ends, static end => end.Head.UpdateTime.UtcTicks)),
            NumbersOrNulls(Of(ends, static end => end.Head.Ttl?.Ticks)),
            NumbersOrNulls(Of(ends, static end => end.Head.OpenSequence)));
    }

    private static int ReadIndex(PostgresRow row) => (int)row.Int64(0) - 1;

    private static NpgsqlParameter Tenants(IReadOnlyList<SerializedStep> steps) => Texts(Of(steps, static step => step.Key.Tenant));

    private static NpgsqlParameter Chats(IReadOnlyList<SerializedStep> steps) => Texts(Of(steps, static step => step.Key.ChatId));

    private static T[] Of<TSource, T>(IReadOnlyList<TSource> sources, Func<TSource, T> value)
    {
        var values = new T[sources.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = value(sources[i]);
        }

        return values;
    }
}
