namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>
/// Rows of the parts of logs that a chat has, if it doesn't have all of its own log: because it is a fork, or because turns were erased. Its base sequence
/// is set then.
/// </summary>
internal static class RangeRows
{
    /// <summary>Reads the turns that a chat has.</summary>
    public static VisibleLog Read(SqliteSession session, long chat, long? baseSequence)
    {
        var parts = new List<LogPart>();
        if (baseSequence is not null)
        {
            using var row = session.Query("SELECT log, first, last FROM ranges WHERE chat = ?1 ORDER BY first", chat);
            while (row.Read())
            {
                parts.Add(new LogPart(row.Int64(0), row.Int64(1), row.Int64(2)));
            }
        }

        return new VisibleLog(chat, parts);
    }

    /// <summary>Inserts the parts that a fork has.</summary>
    public static void Insert(SqliteSession session, long chat, IEnumerable<LogPart> parts)
    {
        foreach (var part in parts)
        {
            session.Execute("INSERT INTO ranges (chat, first, last, log) VALUES (?1, ?2, ?3, ?4)", chat, part.First, part.Last, part.Log);
        }
    }

    /// <summary>Replaces the parts that a chat has, when turns are erased.</summary>
    public static void Replace(SqliteSession session, long chat, IEnumerable<LogPart> parts)
    {
        Delete(session, chat);
        Insert(session, chat, parts);
        session.Execute("UPDATE chats SET base_sequence = coalesce(base_sequence, 0) WHERE id = ?1", chat);
        LogSweeps.Add(session, chat);
    }

    /// <summary>Deletes the parts that a chat has, and marks the logs of other chats.</summary>
    public static void Delete(SqliteSession session, long chat)
    {
        LogSweeps.AddShared(session, chat);
        session.Execute("DELETE FROM ranges WHERE chat = ?1", chat);
    }
}
