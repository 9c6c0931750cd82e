using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>Rows of the request IDs of recent deletions, so that a deletion that is retried doesn't delete a later chat with the key.</summary>
internal static class DeletionRows
{
    // Each deletion adds one row, and deletes more of the old ones, so that only recent rows are left.
    private const long MaxRemoved = 8;

    /// <summary>Finds a row if a chat with the key was deleted by the request.</summary>
    public static PostgresRows<bool> Find(PostgresBatch batch, ChatKey key, string requestId) => batch.Query(
        _ => true,
        "SELECT 1 FROM deletions WHERE tenant = $1 AND chat_id = $2 AND request_id = $3",
        Text(key.Tenant), Text(key.ChatId), Text(requestId));

    /// <summary>Inserts a deletion, and deletes old ones.</summary>
    public static void Add(PostgresBatch batch, ChatKey key, DeleteStep step)
    {
        batch.Execute(
            """
            DELETE FROM deletions WHERE (tenant, chat_id, request_id) IN (
                SELECT tenant, chat_id, request_id FROM deletions WHERE time < $1 ORDER BY time LIMIT $2 FOR UPDATE SKIP LOCKED)
            """,
            Time(step.ForgottenBefore), Number(MaxRemoved));
        batch.Execute(
            "INSERT INTO deletions (tenant, chat_id, request_id, time) VALUES ($1, $2, $3, $4)",
            Text(key.Tenant), Text(key.ChatId), Text(step.RequestId), Time(step.Time));
    }
}
