namespace GenAI.Chats.Storage.Sqlite.Connections;

/// <summary>Opens connections to the database file that are set up as the store requires.</summary>
/// <param name="path">The path of the file.</param>
/// <param name="busyTimeout">The time that a connection waits for another one that has locked the file.</param>
/// <param name="opened">Called with each connection when it is set up, for tests.</param>
internal sealed class SqliteConnections(string path, TimeSpan busyTimeout, Action<SqliteConnection>? opened = null)
{
    private readonly string _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWriteCreate,

        // The writer and the readers have pools of their own.
        Pooling = false,
        DefaultTimeout = Math.Max(1, (int)Math.Ceiling(busyTimeout.TotalSeconds)),
    }.ToString();

    /// <summary>The full path of the file.</summary>
    public string Path => path;

    /// <summary>Opens a connection that appends to the write-ahead log, and syncs it with each commit.</summary>
    /// <remarks>
    /// SQLite copies the log into the file every 4,000 pages, so that it writes a page that many commits change, such as the last page of a
    /// table, only once. Deleted values are overwritten.
    /// </remarks>
    public SqliteSession OpenWriter() => Open("""
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 4000;
        PRAGMA journal_size_limit = 67108864;
        PRAGMA cache_size = -16384;
        PRAGMA secure_delete = ON;
        """);

    /// <summary>Opens a connection that can't write.</summary>
    public SqliteSession OpenReader() => Open("PRAGMA query_only = ON;");

    private SqliteSession Open(string pragmas)
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            var milliseconds = (int)Math.Min(int.MaxValue, busyTimeout.TotalMilliseconds);
            Run(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {milliseconds};"));
            if (Run(connection, "PRAGMA journal_mode = WAL;") is not "wal")
            {
                throw new ChatStoreException("The file system doesn't support SQLite WAL mode.");
            }

            Run(connection, pragmas);
            opened?.Invoke(connection);
            return new SqliteSession(connection, milliseconds);
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
