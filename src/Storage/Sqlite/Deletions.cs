using GenAI.Chats.Engine.Storage;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>The request ids of recent deletions, so that a deletion that is sent again deletes no later chat of that key.</summary>
internal static class Deletions
{
    // Each deletion adds one, and removes more: in the long run what is left is recent.
    private const long MaxRemoved = 8;

    /// <summary>Whether a chat of the key was deleted under the request id.</summary>
    public static bool IsKnown(SqliteSession session, ChatKey key, string requestId) => session.Number(
        "SELECT 1 FROM deletions WHERE tenant = ?1 AND chat_id = ?2 AND request_id = ?3", key.Tenant, key.ChatId, requestId) is not null;

    /// <summary>Adds a deletion, and forgets some that are old.</summary>
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
