using Npgsql;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>
/// The membership tables in Postgres, and the table with the statements of Orleans' provider. Statements that others have added, such as Orleans' own script, stay
/// unchanged.
/// </summary>
internal static class PostgresClusterTables
{
    // Serializes servers that start at the same time. Any number that no other user of the database locks.
    private const long LockId = 0x63_68_61_74_73_63_6c;

    private const string Tables = """
        CREATE TABLE IF NOT EXISTS orleansquery (
            querykey  varchar(64) NOT NULL PRIMARY KEY,
            querytext varchar(8000) NOT NULL);
        CREATE TABLE IF NOT EXISTS chats_cluster (
            cluster_id text PRIMARY KEY,
            version    integer NOT NULL);
        CREATE TABLE IF NOT EXISTS chats_cluster_silo (
            cluster_id    text NOT NULL REFERENCES chats_cluster,
            address       text NOT NULL,
            port          integer NOT NULL,
            generation    integer NOT NULL,
            silo_name     text NOT NULL,
            host_name     text NOT NULL,
            status        integer NOT NULL,
            gateway_port  integer NOT NULL,
            suspicions    text,
            started       timestamptz NOT NULL,
            alive         timestamptz NOT NULL,
            PRIMARY KEY (cluster_id, address, port, generation));
        """;

    // Replaces only statements of an earlier version of this service.
    private const string Register = $"""
        INSERT INTO orleansquery (querykey, querytext) VALUES ($1, $2)
        ON CONFLICT (querykey) DO UPDATE SET querytext = excluded.querytext
        WHERE orleansquery.querytext LIKE '{PostgresClusterStatements.Mark}%' AND orleansquery.querytext <> excluded.querytext
        """;

    /// <summary>Creates missing tables and statements. Running it again changes nothing.</summary>
    /// <exception cref="NpgsqlException">The database can't be reached, or rejects a statement.</exception>
    public static async Task CreateAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var change = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new NpgsqlBatchCommand("SELECT pg_advisory_xact_lock($1)") { Parameters = { new() { Value = LockId } } } },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
        batch.BatchCommands.Clear();
        foreach (var table in Tables.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(table));
        }

        foreach (var (key, text) in PostgresClusterStatements.All)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Register) { Parameters = { new() { Value = key }, new() { Value = text } } });
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        await change.CommitAsync(cancellationToken);
    }
}
