using Npgsql;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>What a query of a batch finds.</summary>
internal interface IPostgresRows
{
    /// <summary>Takes the reader's row.</summary>
    void Read(NpgsqlDataReader row);
}

/// <inheritdoc />
internal sealed class PostgresRows<T>(Func<NpgsqlDataReader, T> read) : IPostgresRows
{
    /// <summary>The rows, in order, once the batch has run.</summary>
    public List<T> All { get; } = [];

    /// <summary>Whether there are any.</summary>
    public bool Any => All.Count > 0;

    /// <summary>The first row; the type's default when there is none.</summary>
    public T? First => All.Count > 0 ? All[0] : default;

    /// <inheritdoc />
    public void Read(NpgsqlDataReader row) => All.Add(read(row));
}
