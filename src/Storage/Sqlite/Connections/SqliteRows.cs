namespace GenAI.Chats.Storage.Sqlite.Connections;

/// <summary>The rows of a query, one at a time. The caller disposes of them before the statement runs again.</summary>
internal readonly struct SqliteRows(SqliteStatement statement, CancellationToken cancellation) : IStoredRow, IDisposable
{
    /// <summary>Moves to the next row.</summary>
    /// <returns>False if there is none.</returns>
    /// <exception cref="OperationCanceledException">The read was canceled.</exception>
    public bool Read()
    {
        cancellation.ThrowIfCancellationRequested();
        return statement.Step();
    }

    /// <inheritdoc />
    public bool IsNull(int column) => statement.IsNull(column);

    /// <inheritdoc />
    public long Int64(int column) => statement.Number(column);

    /// <summary>Returns the number in a column; null if it has none.</summary>
    public long? NumberOrNull(int column) => IsNull(column) ? null : Int64(column);

    /// <summary>Returns the time in a column; null if it has none.</summary>
    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Ticks.ToTime(Int64(column));

    /// <inheritdoc />
    public int Int32(int column) => checked((int)statement.Number(column));

    /// <inheritdoc />
    public bool Boolean(int column) => statement.Number(column) != 0;

    /// <inheritdoc />
    public string Text(int column) => statement.Text(column);

    /// <inheritdoc />
    public ReadOnlySpan<byte> Bytes(int column) => statement.Bytes(column);

    /// <inheritdoc />
    public void Dispose() => statement.Reset();
}
