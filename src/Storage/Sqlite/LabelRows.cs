namespace GenAI.Chats.Storage.Sqlite;

/// <summary>Labels of chats as rows, so that a list can ask for them.</summary>
internal static class LabelRows
{
    /// <summary>Adds a chat's labels.</summary>
    public static void Insert(SqliteSession session, string tenant, long chat, IEnumerable<KeyValuePair<string, string>> labels)
    {
        foreach (var (key, value) in labels)
        {
            session.Execute("INSERT INTO labels (tenant, key, value, chat) VALUES (?1, ?2, ?3, ?4)", tenant, key, value, chat);
        }
    }

    /// <summary>Removes a chat's labels, which its settings name.</summary>
    public static void Delete(SqliteSession session, string tenant, long chat, IEnumerable<KeyValuePair<string, string>> labels)
    {
        foreach (var (key, value) in labels)
        {
            session.Execute("DELETE FROM labels WHERE tenant = ?1 AND key = ?2 AND value = ?3 AND chat = ?4", tenant, key, value, chat);
        }
    }

    /// <summary>How many of a tenant's chats have a label, counted up to a bound.</summary>
    public static long Count(SqliteSession session, string tenant, string key, string value, long max) =>
        session.Number(
            "SELECT count(*) FROM (SELECT 1 FROM labels WHERE tenant = ?1 AND key = ?2 AND value = ?3 LIMIT ?4)", tenant, key, value, max)!.Value;
}
