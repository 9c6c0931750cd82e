namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>Rows of labels, so that lists can select chats by them.</summary>
internal static class LabelRows
{
    /// <summary>Inserts a chat's labels.</summary>
    public static void Insert(SqliteSession session, string tenant, long chat, IEnumerable<KeyValuePair<string, string>> labels)
    {
        foreach (var (key, value) in labels)
        {
            session.Execute("INSERT INTO labels (tenant, key, value, chat) VALUES (?1, ?2, ?3, ?4)", tenant, key, value, chat);
        }
    }

    /// <summary>Deletes a chat's labels, which its settings contain.</summary>
    public static void Delete(SqliteSession session, string tenant, long chat, IEnumerable<KeyValuePair<string, string>> labels)
    {
        foreach (var (key, value) in labels)
        {
            session.Execute("DELETE FROM labels WHERE tenant = ?1 AND key = ?2 AND value = ?3 AND chat = ?4", tenant, key, value, chat);
        }
    }

    /// <summary>Counts the tenant's chats that have a label, up to a maximum.</summary>
    public static long Count(SqliteSession session, string tenant, string key, string value, long max) =>
        session.Number(
            "SELECT count(*) FROM (SELECT 1 FROM labels WHERE tenant = ?1 AND key = ?2 AND value = ?3 LIMIT ?4)", tenant, key, value, max)!.Value;
}
