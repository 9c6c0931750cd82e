using GenAI.Chats.Engine.Storage;
using static GenAI.Chats.Storage.Postgres.PostgresValues;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>The request ids of recent deletions, so that a deletion that is sent again deletes no later chat of that key.</summary>
internal static class Deletions
{
    // Each deletion adds one, and removes more: in the long run what is left is recent.
    private const long MaxRemoved = 8;

    /// <summary>A row where a chat of the key was deleted under the request id.</summary>
    public static PostgresRows<bool> Find(PostgresBatch batch, ChatKey key, string requestId) => batch.Query(
        _ => true,
        "SELECT 1 FROM deletions WHERE tenant = $1 AND chat_id = $2 AND request_id = $3",
        Text(key.Tenant), Text(key.ChatId), Text(requestId));

    /// <summary>Adds a deletion, and forgets some that are old.</summary>
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
