using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>A connection with its prepared statements. One thread at a time uses it.</summary>
internal sealed class SqliteSession(SqliteConnection connection) : IDisposable
{
    // About a millisecond of work.
    private const int InstructionsPerCheck = 20_000;

    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);
    private CancellationToken _cancellation;
    private bool _isWatched;

    /// <summary>Takes the file's write lock, waiting at most the busy timeout.</summary>
    public void BeginWrite() => Execute("BEGIN IMMEDIATE");

    /// <summary>Starts a transaction whose first query fixes the instant that all its queries see.</summary>
    /// <param name="cancellation">Ends its queries, those under way too.</param>
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

    /// <summary>Ends the transaction.</summary>
    public void Commit() => Execute("COMMIT");

    /// <summary>Takes back what the transaction did, if there is one.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
        {
            Run("ROLLBACK");
        }
    }

    /// <summary>Runs SQL of several statements that is needed once.</summary>
    public void Run(string sql) => SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(connection.Handle, sql), connection.Handle);

    /// <summary>Runs a statement and returns how many rows it changed.</summary>
    /// <param name="sql">The statement; its parameters are <c>?1</c>, <c>?2</c> ...</param>
    /// <param name="values">The parameters' values, in order.</param>
    public int Execute(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        using var rows = Query(sql, values);
        while (rows.Read())
        {
            // To its end, for its effects.
        }

        return raw.sqlite3_changes(connection.Handle);
    }

    /// <summary>Adds a row and returns its id.</summary>
    /// <remarks>Not by a RETURNING clause: for that Sqlite keeps a copy of each page that the statement changes, to be able to take it back.</remarks>
    public long Insert(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        Execute(sql, values);
        return raw.sqlite3_last_insert_rowid(connection.Handle);
    }

    /// <summary>Runs a query. The rows are to be disposed of before it runs again.</summary>
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

    /// <summary>The number in the first column of a query's first row; null when there is none.</summary>
    public long? Number(string sql, params ReadOnlySpan<SqliteValue> values)
    {
        using var row = Query(sql, values);
        return row.Read() && !row.IsNull(0) ? row.Int64(0) : null;
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
