namespace GenAI.Chats.Storage.Postgres.Connections;

/// <summary>The current row of a query's result.</summary>
internal readonly struct PostgresRow(NpgsqlDataReader reader) : IStoredRow
{
    /// <inheritdoc />
    public bool IsNull(int column) => reader.IsDBNull(column);

    /// <inheritdoc />
    public long Int64(int column) => reader.GetInt64(column);

    /// <inheritdoc />
    public int Int32(int column) => reader.GetInt32(column);

    /// <inheritdoc />
    public bool Boolean(int column) => reader.GetBoolean(column);

    /// <inheritdoc />
    public string Text(int column) => PostgresText.Unescape(reader.GetString(column));

    /// <inheritdoc />
    public ReadOnlySpan<byte> Bytes(int column) => reader.GetFieldValue<byte[]>(column);
}
