namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>Rows of the progress of running turns.</summary>
internal static class ProgressRows
{
    /// <summary>Counts the progress records of a turn.</summary>
    public static long Count(SqliteSession session, long turn) =>
        session.Number("SELECT place + 1 FROM progress WHERE turn = ?1 ORDER BY place DESC LIMIT 1", turn) ?? 0;

    /// <summary>Inserts a progress record.</summary>
    public static void Insert(SqliteSession session, long turn, int place, byte[] progress) =>
        session.Execute("INSERT INTO progress (turn, place, data) VALUES (?1, ?2, ?3)", turn, place, progress);

    /// <summary>Deletes the progress of a turn.</summary>
    public static void Delete(SqliteSession session, long turn) => session.Execute("DELETE FROM progress WHERE turn = ?1", turn);

    /// <summary>Reads the progress of a turn, in order.</summary>
    public static List<TurnProgress> Read(SqliteSession session, ChatKey key, string turnId)
    {
        var steps = new List<TurnProgress>();
        using var row = session.Query(
            """
            SELECT p.data FROM chats c JOIN turns t ON t.chat = c.id AND t.turn_id = ?3 JOIN progress p ON p.turn = t.id
            WHERE c.tenant = ?1 AND c.chat_id = ?2 ORDER BY p.place
            """,
            key.Tenant, key.ChatId, turnId);
        while (row.Read())
        {
            steps.Add(TurnProgress.Parser.ParseFrom(row.Bytes(0)));
        }

        return steps;
    }
}
