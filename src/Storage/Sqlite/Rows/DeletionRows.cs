namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>Rows of the request IDs of recent deletions, so that a deletion that is retried doesn't delete a later chat with the key.</summary>
internal static class DeletionRows
{
    // Each deletion adds one row, and deletes more of the old ones, so that only recent rows are left.
    private const long MaxRemoved = 8;

    /// <summary>Indicates whether a chat with the key was deleted by the request.</summary>
    public static bool IsKnown(SqliteSession session, ChatKey key, string requestId) => session.Number(
        "SELECT 1 FROM deletions WHERE tenant = ?1 AND chat_id = ?2 AND request_id = ?3", key.Tenant, key.ChatId, requestId) is not null;

    /// <summary>Inserts a deletion, and deletes old ones.</summary>
    public static void Add(SqliteSession session, ChatKey key, DeleteStep step)
    {
        session.Execute(
            """
            DELETE FROM deletions WHERE (tenant, chat_id, request_id) IN (
                SELECT tenant, chat_id, request_id FROM deletions WHERE time < ?1 ORDER BY time LIMIT ?2)
            """,
            step.ForgottenBefore.UtcTicks, MaxRemoved);
        session.Execute(
            "INSERT INTO deletions (tenant, chat_id, request_id, time) VALUES (?1, ?2, ?3, ?4)",
            key.Tenant, key.ChatId, step.RequestId, step.Time.UtcTicks);
    }
}
