using static GenAI.Chats.Storage.Postgres.Connections.PostgresValues;

namespace GenAI.Chats.Storage.Postgres.Rows;

/// <summary>Rows of the trees of chats that have one.</summary>
internal static class TreeRows
{
    /// <summary>Sets a chat's tree, unless it is null.</summary>
    public static void Set(PostgresBatch batch, long chat, ChatTree? tree)
    {
        if (tree is not null)
        {
            batch.Execute(
                "INSERT INTO trees (chat, data) VALUES ($1, $2) ON CONFLICT (chat) DO UPDATE SET data = excluded.data",
                Number(chat), Bytes(tree.ToByteArray()));
        }
    }
}
