using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>Rows of the progress of running turns.</summary>
internal static class ProgressRows
{
    /// <summary>Counts the progress records of a turn. No row if there are none.</summary>
    public static PostgresRows<long> Count(PostgresBatch batch, ChatKey key, long sequence) => batch.Query(
        row => row.Int32(0) + 1L,
        $"SELECT place FROM progress WHERE chat = {ChatRows.Id} AND sequence = $3 ORDER BY place DESC LIMIT 1",
        Text(key.Tenant), Text(key.ChatId), Number(sequence));

    /// <summary>Reads the progress of a turn, in order.</summary>
    public static PostgresRows<TurnProgress> Read(PostgresBatch batch, ChatKey key, string turnId) => batch.Query(
        row => TurnProgress.Parser.ParseFrom(row.Bytes(0)),
        $"""
        SELECT data FROM progress
        WHERE chat = {ChatRows.Id} AND sequence = (SELECT sequence FROM turns WHERE chat = {ChatRows.Id} AND turn_id = $3) ORDER BY place
        """,
        Text(key.Tenant), Text(key.ChatId), Text(turnId));

    /// <summary>Inserts a progress record.</summary>
    public static void Insert(PostgresBatch batch, long chat, ProgressStep step, byte[] progress) => batch.Execute(
        "INSERT INTO progress (chat, sequence, place, data) VALUES ($1, $2, $3, $4)",
        Number(chat), Number(step.Sequence), Number(step.Place), Bytes(progress));

    /// <summary>Deletes the progress of a turn.</summary>
    public static void Delete(PostgresBatch batch, long chat, long sequence) =>
        batch.Execute("DELETE FROM progress WHERE chat = $1 AND sequence = $2", Number(chat), Number(sequence));
}
