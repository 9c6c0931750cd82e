using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GenAI.Chats.Grains.Storage.Sqlite;

/// <summary>A connection with its prepared statements. One thread at a time uses it.</summary>
internal sealed class SqliteSession(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);

    /// <summary>Takes the file's write lock, waiting at most the busy timeout.</summary>
    public void BeginWrite() => Run("BEGIN IMMEDIATE");

    /// <summary>Starts a transaction whose first query fixes the instant that all its queries see.</summary>
    public void BeginRead() => Run("BEGIN");

    /// <summary>Ends the transaction.</summary>
    public void Commit() => Run("COMMIT");

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
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteNonQuery();

    /// <summary>Runs a query. The rows are to be disposed of before it runs again.</summary>
    public SqliteDataReader Query(string sql, params ReadOnlySpan<object?> values) => Bind(sql, values).ExecuteReader();

    /// <summary>The number in the first column of a query's first row; null when there is none.</summary>
    public long? Number(string sql, params ReadOnlySpan<object?> values)
    {
        using var row = Query(sql, values);
        return row.Read() && !row.IsDBNull(0) ? row.GetInt64(0) : null;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }

    private SqliteCommand Bind(string sql, ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = Prepare(sql, values.Length);
            _commands.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }

    private SqliteCommand Prepare(string sql, int parameters)
    {
        var command = connection.CreateCommand();

        // Only constants of this store come here, and they take values as parameters.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 1; i <= parameters; i++)
        {
            command.Parameters.Add(new SqliteParameter(string.Create(CultureInfo.InvariantCulture, $"?{i}"), DBNull.Value));
        }

        command.Prepare();
        return command;
    }
}
