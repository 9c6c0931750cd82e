using System.Globalization;
using GenAI.Chats.Engine.Storage;
using Microsoft.Data.Sqlite;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>Opens connections to the store's file, set up the way the store's promises need.</summary>
/// <param name="path">The file.</param>
/// <param name="busyTimeout">How long a connection waits for another that holds the file.</param>
/// <param name="opened">Sees each connection once it is set up; for tests.</param>
internal sealed class SqliteConnections(string path, TimeSpan busyTimeout, Action<SqliteConnection>? opened = null)
{
    private readonly string _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWriteCreate,

        // The writer and the readers keep their own connections.
        Pooling = false,
        DefaultTimeout = Math.Max(1, (int)Math.Ceiling(busyTimeout.TotalSeconds)),
    }.ToString();

    /// <summary>The file's full path.</summary>
    public string Path => path;

    /// <summary>A connection that appends to the write-ahead log, and syncs it with each commit.</summary>
    /// <remarks>
    /// The log goes into the file every 4,000 pages: pages that many commits change, as the last ones of each table, are then written there
    /// once.
    /// </remarks>
    public SqliteSession OpenWriter() => Open("""
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 4000;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA cache_size = -16384;
        """);

    /// <summary>A connection that cannot write.</summary>
    public SqliteSession OpenReader() => Open("PRAGMA query_only = ON;");

    private SqliteSession Open(string pragmas)
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            var milliseconds = (long)busyTimeout.TotalMilliseconds;
            Run(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {milliseconds};"));
            if (Run(connection, "PRAGMA journal_mode = WAL;") is not "wal")
            {
                throw new ChatStoreException($"The file system of {path} cannot keep Sqlite's write-ahead log.");
            }

            Run(connection, pragmas);
            opened?.Invoke(connection);
            return new SqliteSession(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static object? Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
