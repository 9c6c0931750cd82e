namespace GenAI.Chats.Storage.Postgres.Connections;

/// <summary>Statements that are sent together and cost one round trip. Their rows are available when the batch has run.</summary>
internal sealed class PostgresBatch(NpgsqlConnection connection)
{
    private readonly List<NpgsqlBatchCommand> _commands = [];
    private readonly List<IPostgresRows> _results = [];

    /// <summary>Adds a statement that returns no rows.</summary>
    /// <param name="sql">The statement; its parameters are <c>$1</c>, <c>$2</c> ...</param>
    /// <param name="values">The parameters' values, in order.</param>
    public void Execute(string sql, params ReadOnlySpan<NpgsqlParameter> values)
    {
        // The SQL is a constant of this project. Values are parameters.
#pragma warning disable CA2100
        var command = new NpgsqlBatchCommand(sql);
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(value);
        }

        _commands.Add(command);
    }

    /// <summary>Adds a query.</summary>
    /// <param name="read">Reads a row.</param>
    /// <param name="sql">The statement; its parameters are <c>$1</c>, <c>$2</c> ...</param>
    /// <param name="values">The parameters' values, in order.</param>
    public PostgresRows<T> Query<T>(Func<PostgresRow, T> read, string sql, params ReadOnlySpan<NpgsqlParameter> values)
    {
        Execute(sql, values);
        var rows = new PostgresRows<T>(read);
        _results.Add(rows);
        return rows;
    }

    /// <summary>Runs the statements in order, until one fails.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            _commands.ForEach(batch.BatchCommands.Add);
            var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                // The reader skips statements without rows. A failure of the last of them is reported after the last row.
                foreach (var result in _results)
                {
                    while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        result.Read(reader);
                    }

                    await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }
}
