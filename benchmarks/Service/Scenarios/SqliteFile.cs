using Microsoft.Data.Sqlite;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>The database file of a server.</summary>
internal static class SqliteFile
{
    /// <summary>Returns the size of the pages in use, in bytes.</summary>
    public static long Size(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        return (Pragma("page_count") - Pragma("freelist_count")) * Pragma("page_size");

        long Pragma(string name)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA {name}";
            return (long)command.ExecuteScalar()!;
        }
    }
}
