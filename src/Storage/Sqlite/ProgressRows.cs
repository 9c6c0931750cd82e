using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;

namespace GenAI.Chats.Storage.Sqlite;

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
