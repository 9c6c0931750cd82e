using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using static GenAI.Chats.Storage.Postgres.PostgresValues;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>What running turns have done, as rows.</summary>
internal static class ProgressRows
{
    private const string Chat = "(SELECT id FROM chats WHERE tenant = $1 AND chat_id = $2)";

    /// <summary>How many steps of a turn are kept; no row when none is.</summary>
    public static PostgresRows<long> Count(PostgresBatch batch, ChatKey key, long sequence) => batch.Query(
        row => row.GetInt32(0) + 1L,
        $"SELECT place FROM progress WHERE chat = {Chat} AND sequence = $3 ORDER BY place DESC LIMIT 1",
        Text(key.Tenant), Text(key.ChatId), Number(sequence));

    /// <summary>A turn's steps, in order.</summary>
    public static PostgresRows<TurnProgress> Read(PostgresBatch batch, ChatKey key, string turnId) => batch.Query(
        row => TurnProgress.Parser.ParseFrom(row.GetFieldValue<byte[]>(0)),
        $"""
        SELECT data FROM progress
        WHERE chat = {Chat} AND sequence = (SELECT sequence FROM turns WHERE chat = {Chat} AND turn_id = $3) ORDER BY place
        """,
        Text(key.Tenant), Text(key.ChatId), Text(turnId));

    /// <summary>Adds a step.</summary>
    public static void Insert(PostgresBatch batch, long chat, ProgressStep step, byte[] progress) => batch.Execute(
        "INSERT INTO progress (chat, sequence, place, data) VALUES ($1, $2, $3, $4)",
        Number(chat), Number(step.Sequence), Number(step.Place), Bytes(progress));

    /// <summary>Removes a turn's steps.</summary>
    public static void Delete(PostgresBatch batch, long chat, long sequence) =>
        batch.Execute("DELETE FROM progress WHERE chat = $1 AND sequence = $2", Number(chat), Number(sequence));
}
