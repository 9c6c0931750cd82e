namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>Reads the state that the preconditions of a turn's two commits depend on, with one query each.</summary>
internal static class StepState
{
    private const string FirstPending = """
        LEFT JOIN turns p ON p.id = (
            SELECT id FROM turns INDEXED BY turns_pending WHERE chat = c.id AND state <= 2 ORDER BY sequence LIMIT 1)
        """;

    /// <summary>Reads the state for an accept; null if the chat doesn't exist, or has expired.</summary>
    public static AcceptState? ForAccept(SqliteSession session, ChatKey key, string requestId, string turnId, DateTimeOffset now)
    {
        using var row = session.Query(
            $"""
            SELECT c.id, c.version, c.revision, p.id, p.sequence, p.turn_id, p.state, p.attempt, p.owner, p.stop,
                coalesce((SELECT sequence FROM turns WHERE chat = c.id ORDER BY sequence DESC LIMIT 1), c.base_sequence, 0),
                EXISTS (SELECT 1 FROM turns WHERE chat = c.id AND request_id = ?3),
                EXISTS (SELECT 1 FROM turns WHERE chat = c.id AND turn_id = ?4) OR (c.base_sequence IS NOT NULL AND EXISTS (
                    SELECT 1 FROM turns t
                    WHERE t.turn_id = ?4 AND EXISTS (SELECT 1 FROM ranges r WHERE r.chat = c.id AND r.log = t.chat AND t.sequence BETWEEN r.first AND r.last))),
                c.base_sequence, c.expire_time
            FROM chats c {FirstPending} WHERE c.tenant = ?1 AND c.chat_id = ?2
            """,
            key.Tenant, key.ChatId, requestId, turnId);
        return row.Read() && !IsExpired(row, 14, now)
            ? new AcceptState(row.Int64(0), Chat(row), row.Int64(10), row.Boolean(11), row.Boolean(12), row.NumberOrNull(13))
            : null;
    }

    /// <summary>Reads the state for an end; null if the chat doesn't exist, or has expired.</summary>
    public static EndState? ForEnd(SqliteSession session, ChatKey key, long sequence, DateTimeOffset now)
    {
        using var row = session.Query(
            $"""
            SELECT c.id, c.version, c.revision, p.id, p.sequence, p.turn_id, p.state, p.attempt, p.owner, p.stop,
                t.id, t.sequence, t.turn_id, t.state, t.attempt, t.owner, t.stop, c.expire_time
            FROM chats c {FirstPending} LEFT JOIN turns t ON t.chat = c.id AND t.sequence = ?3
            WHERE c.tenant = ?1 AND c.chat_id = ?2
            """,
            key.Tenant, key.ChatId, sequence);
        return row.Read() && !IsExpired(row, 17, now) ? new EndState(row.Int64(0), Chat(row), TurnRow.Read(row, 10)) : null;
    }

    private static bool IsExpired(in SqliteRows row, int column, DateTimeOffset now) => row.TimeOrNull(column) <= now && row.IsNull(3);

    private static ChatPlace Chat(in SqliteRows row) => new(row.Int64(1), row.Int64(2), TurnRow.Read(row, 3)?.Place);
}

/// <summary>The state of a chat that an accept depends on.</summary>
/// <param name="Id">The ID of its row.</param>
/// <param name="Chat">The chat itself.</param>
/// <param name="LastSequence">The number of its last turn; 0 if there is none.</param>
/// <param name="IsRequestKnown">Whether a turn has the request ID.</param>
/// <param name="IsTurnIdTaken">Whether a turn has the turn ID.</param>
/// <param name="BaseSequence">As <see cref="Columns.ChatRow.BaseSequence"/>.</param>
internal readonly record struct AcceptState(long Id, ChatPlace Chat, long LastSequence, bool IsRequestKnown, bool IsTurnIdTaken, long? BaseSequence);

/// <summary>The state of a chat, and of one of its turns, that an end depends on.</summary>
/// <param name="Id">The ID of the chat's row.</param>
/// <param name="Chat">The chat itself.</param>
/// <param name="Turn">The turn; null if no turn has the number.</param>
internal readonly record struct EndState(long Id, ChatPlace Chat, TurnRow? Turn);
