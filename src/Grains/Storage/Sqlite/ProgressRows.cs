using GenAI.Chats.Grains.Storage.Records;

namespace GenAI.Chats.Grains.Storage.Sqlite;

/// <summary>What running turns have done, as rows.</summary>
internal static class ProgressRows
{
    /// <summary>How many steps of a turn are kept.</summary>
    public static long Count(SqliteSession session, long turn) =>
        session.Number("SELECT place + 1 FROM progress WHERE turn = ?1 ORDER BY place DESC LIMIT 1", turn) ?? 0;

    /// <summary>Adds a step.</summary>
    public static void Insert(SqliteSession session, long turn, int place, byte[] progress) =>
        session.Execute("INSERT INTO progress (turn, place, data) VALUES (?1, ?2, ?3)", turn, place, progress);

    /// <summary>Removes a turn's steps.</summary>
    public static void Delete(SqliteSession session, long turn) => session.Execute("DELETE FROM progress WHERE turn = ?1", turn);

    /// <summary>A turn's steps, in order.</summary>
    public static List<TurnProgress> Read(SqliteSession session, ChatKey key, long sequence)
    {
        var steps = new List<TurnProgress>();
        if (ChatRows.FindHead(session, key) is not { } chat || TurnRows.FindPlace(session, chat.Id, sequence) is not { } turn)
        {
            return steps;
        }

        using var row = session.Query("SELECT data FROM progress WHERE turn = ?1 ORDER BY place", turn.Id);
        while (row.Read())
        {
            steps.Add(TurnProgress.Parser.ParseFrom(row.Bytes(0)));
        }

        return steps;
    }
}
