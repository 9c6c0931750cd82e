using GenAI.Chats.Storage.Postgres.Connections;
using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>
/// Logs of deleted chats. A deletion only deletes the head, so its cost doesn't depend on the length of the log. The log, which nothing refers
/// to anymore, is deleted afterwards in parts of limited size.
/// </summary>
internal static class DeletedLogs
{
    private const long MaxTurns = 64;

    /// <summary>Deletes a part of a deleted chat's log. Returns false if there is none, or another process is deleting it.</summary>
    public static async Task<bool> SweepAsync(PostgresSession session)
    {
        var batch = session.BeginStep();
        var chat = batch.Query(
            row => row.Int64(0), "SELECT chat FROM deleted_chats ORDER BY chat LIMIT 1 FOR UPDATE SKIP LOCKED");
        await session.RunAsync(batch).ConfigureAwait(false);
        if (!chat.Any)
        {
            return false;
        }

        batch = session.Batch();
        batch.Execute(
            """
            WITH piece AS MATERIALIZED (
                    SELECT max(sequence) AS last FROM (SELECT sequence FROM turns WHERE chat = $1 ORDER BY sequence LIMIT $2) AS s),
                no_progress AS (DELETE FROM progress WHERE chat = $1 AND sequence <= (SELECT last FROM piece)),
                no_inputs AS (DELETE FROM inputs WHERE chat = $1 AND sequence <= (SELECT last FROM piece)),
                no_outcomes AS (DELETE FROM outcomes WHERE chat = $1 AND sequence <= (SELECT last FROM piece))
            DELETE FROM turns WHERE chat = $1 AND sequence <= (SELECT last FROM piece)
            """,
            Number(chat.First), Number(MaxTurns));
        batch.Execute(
            "DELETE FROM deleted_chats WHERE chat = $1 AND NOT EXISTS (SELECT 1 FROM turns WHERE chat = $1)", Number(chat.First));
        await session.CommitAsync(batch).ConfigureAwait(false);
        return true;
    }
}
