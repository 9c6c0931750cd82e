namespace GenAI.Chats.Storage.Sqlite;

/// <summary>
/// Logs of deleted chats. A deletion takes the head away, which costs the same however long the log is; the log, which nothing leads to any
/// more, goes in bounded pieces between other commits.
/// </summary>
internal static class DeletedChats
{
    private const long MaxTurns = 64;

    /// <summary>Leaves a chat's log to <see cref="Sweep"/>.</summary>
    public static void Add(SqliteSession session, long chat) => session.Execute("INSERT INTO deleted_chats (chat) VALUES (?1)", chat);

    /// <summary>Whether there is something to remove.</summary>
    public static bool Any(SqliteSession session) => First(session) is not null;

    /// <summary>Removes a piece of a deleted chat's log.</summary>
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
