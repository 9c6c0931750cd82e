using SQLitePCL;

namespace GenAI.Chats.Storage.Sqlite.Connections;

/// <summary>A connection and its prepared statements. Only one thread at a time can use it.</summary>
/// <param name="connection">The connection.</param>
/// <param name="busyTimeout">The time that it waits for another one that has locked the file, in milliseconds.</param>
internal sealed class SqliteSession(SqliteConnection connection, int busyTimeout) : IDisposable
{
    // About a millisecond of work.
    private const int InstructionsPerCheck = 20_000;

    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);
    private CancellationToken _cancellation;
    private bool _isWatched;

    /// <summary>Starts a transaction with the write lock of the file. Waits at most the busy timeout.</summary>
    public void BeginWrite() => Execute("BEGIN IMMEDIATE");

    /// <summary>Starts a transaction with the write lock of the file. Doesn't wait.</summary>
    /// <returns>False if another connection has the lock, or the transaction can't be started.</returns>
    public bool TryBeginWrite()
    {
        raw.sqlite3_busy_timeout(connection.Handle, 0);
        try
        {
            BeginWrite();
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
        finally
        {
            raw.sqlite3_busy_timeout(connection.Handle, busyTimeout);
        }
    }

    /// <summary>Starts a transaction. All its queries see the instant of the first one.</summary>
    /// <param name="cancellation">Cancels its queries, also while they run.</param>
    public void BeginRead(CancellationToken cancellation)
    {
        _cancellation = cancellation;
        if (!_isWatched)
        {
            raw.sqlite3_progress_handler(
                connection.Handle, InstructionsPerCheck, static state => ((SqliteSession)state)._cancellation.IsCancellationRequested ? 1 : 0, this);
            _isWatched = true;
        }

        Execute("BEGIN");
    }

    /// <summary>Commits the transaction.</summary>
    public void Commit() => Execute("COMMIT");

    /// <summary>Rolls the transaction back, if there is one.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
        {
            Run("ROLLBACK");
        }
    }

    /// <summary>Runs several statements without preparing them.</summary>
    public void Run(string sql) => SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(connection.Handle, sql), connection.Handle);

    /// <summary>Runs a statement, and returns the number of rows that it changed.</summary>
    /// <param name="sql">The statement; its parameters are <c>?1</c>, <c>?2</c> ...</param>
    /// <param name="values">The parameters' values, in order.</param>
    public int Execute(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        using var rows = Query(sql, values);
        while (rows.Read())
        {
            // Runs the statement to its end.
        }

        return raw.sqlite3_changes(connection.Handle);
    }

    /// <summary>Inserts a row, and returns its ID.</summary>
    /// <remarks>With a RETURNING clause, SQLite would copy each page that the statement changes, to be able to roll the statement back.</remarks>
    public long Insert(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        Execute(sql, values);
        return raw.sqlite3_last_insert_rowid(connection.Handle);
    }

    /// <summary>Runs a query. The caller disposes of the rows before it runs the query again.</summary>
    public SqliteRows Query(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(connection.Handle!, sql);
            _statements.Add(sql, statement);
        }

        statement.Bind(values);
        return new SqliteRows(statement, _cancellation);
    }

    /// <summary>Returns the number in the first column of a query's first row; null if there is none.</summary>
    public long? Number(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        using var row = Query(sql, values);
        return row.Read() && !row.IsNull(0) ? row.Int64(0) : null;
    }

    /// <summary>Copies the write-ahead log into the file, and empties it. Doesn't wait for other connections.</summary>
    /// <returns>False if another connection prevents it.</returns>
    public bool TryTruncateLog()
    {
        raw.sqlite3_busy_timeout(connection.Handle, 0);
        try
        {
            return Number("PRAGMA wal_checkpoint(TRUNCATE)") == 0;
        }
        finally
        {
            raw.sqlite3_busy_timeout(connection.Handle, busyTimeout);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        connection.Dispose();
    }
}
