namespace GenAI.Chats.Storage.Postgres.Connections;

/// <summary>Creates pools of connections that are set up as the store requires.</summary>
internal static class PostgresConnections
{
    /// <summary>
    /// The longest time between two statements of a step that has locked a chat. After it, the process is frozen or gone, and the server
    /// rolls the transaction back. Shorter than the time that other steps wait for the lock.
    /// </summary>
    private static readonly TimeSpan MaxIdleInStep = TimeSpan.FromSeconds(5);

    /// <summary>The number of connections for steps that share transactions. While one waits for the disk, another one sends statements.</summary>
    public const int Writers = 2;

    /// <summary>Creates the pool. Of several hosts, it uses the primary, because reads must see every step.</summary>
    public static NpgsqlDataSource Open(string connectionString) => Open(PostgresConnectionString.Parse(connectionString));

    /// <summary>The number of connections that the reads of one tenant can use at once: half of the pool, so that others find one.</summary>
    public static int MaxReadsOfTenant(string connectionString) => Math.Max(1, PostgresConnectionString.Parse(connectionString).MaxPoolSize / 2);

    /// <summary>Creates a pool for this process's heartbeat, which must not wait for connections that steps and reads use.</summary>
    public static NpgsqlDataSource OpenForHeartbeats(string connectionString) => Open(connectionString, maxPoolSize: 1);

    /// <summary>Creates the connection of a writer. Its statements get rows as arrays: making a plan for one costs more than running it, so plans are kept.</summary>
    public static NpgsqlDataSource OpenForWriter(string connectionString) => Open(connectionString, maxPoolSize: 1, "SET plan_cache_mode = force_generic_plan");

    private static NpgsqlDataSource Open(string connectionString, int maxPoolSize, string setting = "")
    {
        var settings = PostgresConnectionString.Parse(connectionString);
        (settings.MinPoolSize, settings.MaxPoolSize) = (0, maxPoolSize);
        return Open(settings, setting);
    }

    private static NpgsqlDataSource Open(NpgsqlConnectionStringBuilder connection, string setting = "")
    {
        // Plans are kept while the tables grow: a plan that was made for small tables must not scan large ones. Where a plan has no choice, its estimated
        // cost is so high that Postgres would compile it, which takes 70 ms.
        var settings = string.Create(
            CultureInfo.InvariantCulture,
            $"SET idle_in_transaction_session_timeout = {(long)MaxIdleInStep.TotalMilliseconds}; SET enable_seqscan = off; SET jit = off; {setting}");
        var builder = new NpgsqlDataSourceBuilder(connection.ConnectionString);
        // The store uses built-in types only. To load the others, each pool would read the whole catalog: 60 ms with a thousand tables.
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        builder.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var command = Command(connection, settings);
                command.ExecuteNonQuery();
            },
            async connection =>
            {
                var command = Command(connection, settings);
                await using (command.ConfigureAwait(false))
                {
                    await command.ExecuteNonQueryAsync().ConfigureAwait(false);
                }
            });
        return builder.ConnectionStringBuilder.Host!.Contains(',', StringComparison.Ordinal)
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }

    // The SQL is a constant of this class.
#pragma warning disable CA2100
    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) => new(sql, connection);
#pragma warning restore CA2100
}
