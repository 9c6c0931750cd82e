namespace GenAI.Chats.Storage.Sqlite;

/// <summary>The rows of a query, one at a time. Dispose of it before its statement runs again.</summary>
internal readonly struct SqliteRows(SqliteStatement statement, CancellationToken cancellation) : IDisposable
{
    /// <summary>Goes on to the next row.</summary>
    /// <exception cref="OperationCanceledException">The read was given up.</exception>
    public bool Read()
    {
        cancellation.ThrowIfCancellationRequested();
        return statement.Step();
    }

    /// <summary>Whether a column has no value.</summary>
    public bool IsNull(int column) => statement.IsNull(column);

    /// <summary>A column's number.</summary>
    public long Int64(int column) => statement.Number(column);

    /// <summary>A column's number, where it is a small one.</summary>
    public int Int32(int column) => checked((int)statement.Number(column));

    /// <summary>A column's number as a truth value.</summary>
    public bool Boolean(int column) => statement.Number(column) != 0;

    /// <summary>A column's text.</summary>
    public string Text(int column) => statement.Text(column);

    /// <summary>A column's text; null where it has none.</summary>
    public string? TextOrNull(int column) => statement.IsNull(column) ? null : statement.Text(column);

    /// <summary>A column's bytes; they are there until the next row.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => statement.Bytes(column);

    /// <inheritdoc />
    public void Dispose() => statement.Reset();
}
