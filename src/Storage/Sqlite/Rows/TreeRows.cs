namespace GenAI.Chats.Storage.Sqlite.Rows;

/// <summary>Rows of the trees of chats that have one.</summary>
internal static class TreeRows
{
    /// <summary>Reads a chat's tree.</summary>
    public static ChatTree? Read(SqliteSession session, long chat)
    {
        using var row = session.Query("SELECT data FROM trees WHERE chat = ?1", chat);
        return row.Read() ? ChatTree.Parser.ParseFrom(row.Bytes(0)) : null;
    }

    /// <summary>Sets a chat's tree, unless it is null.</summary>
    public static void Set(SqliteSession session, long chat, ChatTree? tree)
    {
        if (tree is not null)
        {
            session.Execute(
                "INSERT INTO trees (chat, data) VALUES (?1, ?2) ON CONFLICT (chat) DO UPDATE SET data = excluded.data", chat, tree.ToByteArray());
        }
    }
}
