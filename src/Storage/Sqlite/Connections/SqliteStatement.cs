using System.Text;
using SQLitePCL;

namespace GenAI.Chats.Storage.Sqlite.Connections;

/// <summary>
/// A prepared statement. It uses SQLite's own interface: a turn runs a dozen statements, and the overhead of ADO.NET takes as long as the
/// statement.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int MaxTextOnStack = 256;

    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    /// <summary>Prepares the statement.</summary>
    /// <exception cref="SqliteException">The statement is invalid, or the file can't be read.</exception>
    public SqliteStatement(sqlite3 connection, string sql)
    {
        _connection = connection;
        Check(raw.sqlite3_prepare_v3(connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>Sets the values of the parameters, in order.</summary>
    public void Bind(ReadOnlySpan<SqliteValue> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Check(Bind(i + 1, values[i]));
        }
    }

    /// <summary>Moves to the next row.</summary>
    /// <returns>False if there is none.</returns>
    /// <exception cref="SqliteException">The statement failed.</exception>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is raw.SQLITE_ROW)
        {
            return true;
        }

        if (result is not raw.SQLITE_DONE)
        {
            Check(result);
        }

        return false;
    }

    /// <summary>Resets the statement, so that it can run again and holds no locks. <see cref="Step"/> has reported its failures.</summary>
    public void Reset() => raw.sqlite3_reset(_statement);

    /// <summary>Indicates whether a column of the row has no value.</summary>
    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) is raw.SQLITE_NULL;

    /// <summary>Returns the number in a column.</summary>
    public long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    /// <summary>Returns the text in a column.</summary>
    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string() ?? "";

    /// <summary>Returns the bytes in a column. They are valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    /// <inheritdoc />
    public void Dispose() => _statement.Dispose();

    private int Bind(int index, in SqliteValue value) => value switch
    {
        { IsNumber: true } => raw.sqlite3_bind_int64(_statement, index, value.Number),
        { Reference: string text } => BindText(index, text),

        // A null pointer would mean no value.
        { Reference: byte[] { Length: 0 } } => raw.sqlite3_bind_zeroblob(_statement, index, 0),
        { Reference: byte[] bytes } => raw.sqlite3_bind_blob(_statement, index, bytes),
        _ => raw.sqlite3_bind_null(_statement, index),
    };

    private int BindText(int index, string text)
    {
        if (text.Length is 0 or > MaxTextOnStack / 3)
        {
            return raw.sqlite3_bind_text(_statement, index, text);
        }

        Span<byte> bytes = stackalloc byte[MaxTextOnStack];
        return raw.sqlite3_bind_text(_statement, index, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _connection);
}
