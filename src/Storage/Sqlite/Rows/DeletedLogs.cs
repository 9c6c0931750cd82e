using GenAI.Chats.Storage.Sqlite.Connections;

namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>
/// Logs of deleted chats. A deletion only deletes the head, so its cost doesn't depend on the length of the log. The log, which nothing refers
/// to anymore, is deleted in parts of limited size, between other commits.
/// </summary>
internal static class DeletedLogs
{
    private const long MaxTurns = 64;

    /// <summary>Marks a chat's log for <see cref="Sweep"/>.</summary>
    public static void Add(SqliteSession session, long chat) => session.Execute("INSERT INTO deleted_chats (chat) VALUES (?1)", chat);

    /// <summary>Indicates whether there is a log to delete.</summary>
    public static bool Any(SqliteSession session) => First(session) is not null;

    /// <summary>Deletes a part of a deleted chat's log.</summary>
    public static void Sweep(SqliteSession session)
    {
        if (First(session) is not { } chat)
        {
            return;
        }

        session.Execute("DELETE FROM progress WHERE turn IN (SELECT id FROM turns WHERE chat = ?1 ORDER BY sequence LIMIT ?2)", chat, MaxTurns);
        session.Execute("DELETE FROM inputs WHERE turn IN (SELECT id FROM turns WHERE chat = ?1 ORDER BY sequence LIMIT ?2)", chat, MaxTurns);
        session.Execute("DELETE FROM outcomes WHERE turn IN (SELECT id FROM turns WHERE chat = ?1 ORDER BY sequence LIMIT ?2)", chat, MaxTurns);
        if (session.Execute("DELETE FROM turns WHERE id IN (SELECT id FROM turns WHERE chat = ?1 ORDER BY sequence LIMIT ?2)", chat, MaxTurns)
            < MaxTurns)
        {
            session.Execute("DELETE FROM deleted_chats WHERE chat = ?1", chat);
        }
    }

    private static long? First(SqliteSession session) => session.Number("SELECT chat FROM deleted_chats ORDER BY chat LIMIT 1");
}
