using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>What the preconditions of a turn's two commits ask, in one query each: every turn makes both.</summary>
internal static class StepPlaces
{
    private const string FirstPending = """
        LEFT JOIN turns p ON p.id = (
            SELECT id FROM turns INDEXED BY turns_pending WHERE chat = c.id AND state <= 2 ORDER BY sequence LIMIT 1)
        """;

    /// <summary>A chat as an accept finds it; null when there is none.</summary>
    public static AcceptPlace? ForAccept(SqliteSession session, ChatKey key, string requestId, string turnId)
    {
        using var row = session.Query(
            $"""
            SELECT c.id, c.version, c.revision, p.id, p.sequence, p.turn_id, p.state, p.attempt, p.owner, p.stop,
                (SELECT sequence FROM turns WHERE chat = c.id ORDER BY sequence DESC LIMIT 1),
                EXISTS (SELECT 1 FROM turns WHERE chat = c.id AND request_id = ?3),
                EXISTS (SELECT 1 FROM turns WHERE chat = c.id AND turn_id = ?4)
            FROM chats c {FirstPending} WHERE c.tenant = ?1 AND c.chat_id = ?2
            """,
            key.Tenant, key.ChatId, requestId, turnId);
        return row.Read()
            ? new AcceptPlace(row.Int64(0), Chat(row), row.IsNull(10) ? 0 : row.Int64(10), row.Boolean(11), row.Boolean(12))
            : null;
    }

    /// <summary>A chat, and one of its turns, as an end finds them; null when there is no such chat.</summary>
    public static EndPlace? ForEnd(SqliteSession session, ChatKey key, long sequence)
    {
        using var row = session.Query(
            $"""
            SELECT c.id, c.version, c.revision, p.id, p.sequence, p.turn_id, p.state, p.attempt, p.owner, p.stop, t.id, t.sequence, t.turn_id, t.state, t.attempt, t.owner, t.stop
            FROM chats c {FirstPending} LEFT JOIN turns t ON t.chat = c.id AND t.sequence = ?3
            WHERE c.tenant = ?1 AND c.chat_id = ?2
            """,
            key.Tenant, key.ChatId, sequence);
        return row.Read() ? new EndPlace(row.Int64(0), Chat(row), TurnRow.Read(row, 10)) : null;
    }

    private static ChatPlace Chat(in SqliteRows row) => new(row.Int64(1), row.Int64(2), TurnRow.Read(row, 3)?.Place);
}

/// <summary>A chat as an accept finds it.</summary>
/// <param name="Id">Its row.</param>
/// <param name="Chat">The chat itself.</param>
/// <param name="LastSequence">The number of its last turn; 0 when there is none.</param>
/// <param name="IsRequestKnown">Whether a turn has the request id.</param>
/// <param name="IsTurnIdTaken">Whether a turn has the turn id.</param>
internal readonly record struct AcceptPlace(long Id, ChatPlace Chat, long LastSequence, bool IsRequestKnown, bool IsTurnIdTaken);

/// <summary>A chat and a turn of it, as an end finds them.</summary>
/// <param name="Id">The chat's row.</param>
/// <param name="Chat">The chat itself.</param>
/// <param name="Turn">The turn; null when there is none of that number.</param>
internal readonly record struct EndPlace(long Id, ChatPlace Chat, TurnRow? Turn);
