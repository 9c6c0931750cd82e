using GenAI.Chats.TestKit.Postgres;
using Npgsql;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>A schema of its own in a Postgres server.</summary>
internal sealed class PostgresTestStore : TestStore
{
    public const string Provider = "Postgres";

    private const string Lock = "LOCK TABLE chats, turns IN EXCLUSIVE MODE";

    private readonly string _connectionString;
    private readonly NpgsqlDataSource _source;

    private PostgresTestStore(string connectionString)
    {
        _connectionString = connectionString;
        _source = PostgresServer.Open(connectionString);
    }

    public override IReadOnlyList<string> Settings => SettingsWith("");

    public override IReadOnlyList<string> ImpatientSettings => SettingsWith(";Command Timeout=1");

    public static async Task<TestStore> CreateAsync(PostgresServer server) => new PostgresTestStore(await server.CreateSchemaAsync());

    public override async Task<IAsyncDisposable> HoldCommitsAsync()
    {
        var connection = await _source.OpenConnectionAsync();
        await RunAsync(connection, $"BEGIN; {Lock}");
        return new Hold(connection);
    }

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    protected override async Task<bool> IsFreeAsync()
    {
        await using var connection = await _source.OpenConnectionAsync();
        try
        {
            await RunAsync(connection, $"SET lock_timeout = '1s'; BEGIN; {Lock}; COMMIT; RESET lock_timeout");
            return true;
        }
        catch (PostgresException locked) when (locked.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }

    private string[] SettingsWith(string suffix) => ["--Storage:Provider=" + Provider, "--Storage:ConnectionString=" + _connectionString + suffix];

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Constants of this class.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Hold(NpgsqlConnection connection) : IAsyncDisposable
    {
        private NpgsqlConnection? _held = connection;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _held, null) is { } held)
            {
                await RunAsync(held, "ROLLBACK");
                await held.DisposeAsync();
            }
        }
    }
}
