namespace GenAI.Chats.Storage.Postgres.Connections;

/// <summary>The result of a query in a batch.</summary>
internal interface IPostgresRows
{
    /// <summary>Adds the current row of a reader.</summary>
    void Read(NpgsqlDataReader reader);
}

/// <inheritdoc />
internal sealed class PostgresRows<T>(Func<PostgresRow, T> read) : IPostgresRows
{
    /// <summary>The rows, in order, when the batch has run.</summary>
    public List<T> All { get; } = [];

    /// <summary>Whether there are rows.</summary>
    public bool Any => All.Count > 0;

    /// <summary>The first row, or the default of its type.</summary>
    public T? First => All.Count > 0 ? All[0] : default;

    /// <inheritdoc />
    public void Read(NpgsqlDataReader reader) => All.Add(read(new PostgresRow(reader)));
}
