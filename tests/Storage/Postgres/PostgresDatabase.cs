using GenAI.Chats.Storage.Postgres;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace GenAI.Chats.Storage.Tests.Postgres;

/// <summary>An empty place for a store's tables, on the server that the tests share or on another.</summary>
internal sealed class PostgresDatabase : IDisposable
{
    private readonly NpgsqlDataSource _connections;

    private PostgresDatabase(string connectionString)
    {
        ConnectionString = connectionString;
        _connections = PostgresServer.Open(connectionString);
    }

    public string ConnectionString { get; private set; }

    public static async Task<PostgresDatabase> CreateAsync(PostgresServer? server = null) =>
        new(await (server ?? await PostgresServer.SharedAsync()).CreateSchemaAsync());

    /// <summary>Gives the server a clock that the test moves, for what comes with this database's connection string from now on.</summary>
    public async Task FollowAsync(ManualTimeProvider time)
    {
        await RunAsync("""
            CREATE TABLE clock (now timestamptz NOT NULL);
            INSERT INTO clock VALUES ('-infinity');
            CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT now FROM clock'
            """);
        var schema = new NpgsqlConnectionStringBuilder(ConnectionString);
        ConnectionString = new NpgsqlConnectionStringBuilder(ConnectionString) { SearchPath = schema.SearchPath + ",pg_catalog" }.ConnectionString;
        SetClock();
        time.Advanced += SetClock;

        void SetClock()
        {
            // The server counts microseconds; what is a tick later is later.
            var ticks = time.GetUtcNow().UtcTicks;
            var now = new DateTime((ticks + TimeSpan.TicksPerMicrosecond - 1) / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);
            using var command = _connections.CreateCommand("UPDATE clock SET now = $1");
            command.Parameters.Add(new NpgsqlParameter { Value = now });
            command.ExecuteNonQuery();
        }
    }

    public PostgresChatStore Store(string settings = "") =>
        new(new StorageOptions { ConnectionString = ConnectionString + ";" + settings }, NullLogger.Instance);

    public async Task<PostgresChatStore> OpenAsync(string settings = "")
    {
        var store = Store(settings);
        await store.InitializeAsync(CancellationToken.None);
        return store;
    }

    /// <summary>The schema's name.</summary>
    public string Schema => new NpgsqlConnectionStringBuilder(ConnectionString).SearchPath!.Split(',')[0];

    /// <summary>Runs statements beside the store.</summary>
    public async Task RunAsync(string sql) => await ScalarAsync(sql);

    /// <summary>The first value of a query.</summary>
    public async Task<object?> ScalarAsync(string sql)
    {
        await using var command = _connections.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>The first column of a query.</summary>
    public async Task<List<string>> ColumnAsync(string sql)
    {
        var values = new List<string>();
        await using var command = _connections.CreateCommand(sql);
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
        {
            values.Add(row.GetString(0));
        }

        return values;
    }

    /// <summary>A connection beside the store's, for a transaction.</summary>
    public async Task<NpgsqlConnection> ConnectAsync() => await _connections.OpenConnectionAsync();

    public void Dispose() => _connections.Dispose();
}
