using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit.Azurite;
using GenAI.Chats.TestKit.Postgres;
using GenAI.Chats.TestKit.Redis;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>Silos and front doors, each a process. The chats are in a Postgres schema of their own; the membership table is there too, or elsewhere.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    /// <summary>The clustering provider for Postgres.</summary>
    public const string AdoNet = "AdoNet";

    /// <summary>The clustering provider for Redis, with a Redis grain directory.</summary>
    public const string Redis = "Redis";

    /// <summary>The clustering provider for Azure Table Storage.</summary>
    public const string AzureTables = "AzureTableStorage";

    private const int Dead = 6;

    private readonly string _clusterId = $"test-{Guid.NewGuid():N}";
    private readonly string _database;
    private readonly string[] _clustering;
    private readonly List<IAsyncDisposable> _processes = [];

    private TestCluster(string database, string provider, string connectionString)
    {
        _database = database;
        _clustering =
        [
            $"--Orleans:Clustering:ProviderType={provider}", $"--Orleans:Clustering:ConnectionString={connectionString}",
            $"--Orleans:ClusterId={_clusterId}",
        ];
    }

    // Silos notice in a moment what takes them seconds by default.
    private string[] Silos =>
    [
        .. Times.Hasty, "--Orleans:ProbeTimeout=00:00:00.5", "--Orleans:AdvertisedAddress=127.0.0.1", .. _clustering,
        "--Storage:Provider=Postgres", $"--Storage:ConnectionString={_database}",
    ];

    /// <summary>Prepares a cluster without processes.</summary>
    /// <param name="provider">The clustering provider.</param>
    public static async Task<TestCluster> CreateAsync(string provider = AdoNet)
    {
        var database = await (await PostgresServer.SharedAsync()).CreateSchemaAsync();
        return new TestCluster(database, provider, provider switch
        {
            Redis => (await RedisServer.SharedAsync()).ConnectionString,
            AzureTables => (await AzuriteServer.SharedAsync()).TableConnectionString,
            _ => database,
        });
    }

    public async Task<SiloProcess> StartSiloAsync(params IEnumerable<string> settings) => Keep(await SiloProcess.StartAsync([.. Silos, .. settings]));

    /// <summary>Starts a server that hosts chats, and is a front door to all of the cluster.</summary>
    public async Task<ServerProcess> StartServerAsync(params IEnumerable<string> settings) =>
        Keep(await ServerProcess.GreetedAsync(ServerProcess.Launch([.. Silos, .. settings])));

    /// <summary>Starts a front door without chats, which may have to wait for a silo.</summary>
    public ChildProcess LaunchDoor(params IEnumerable<string> settings) => Keep(ServerProcess.Launch(
    [
        "--Api:Role=FrontDoor", .. _clustering, .. settings,
    ]));

    /// <summary>Starts a front door without chats, and waits until it is connected to a silo.</summary>
    public Task<ServerProcess> StartDoorAsync(params IEnumerable<string> settings) => ServerProcess.GreetedAsync(LaunchDoor(settings));

    /// <summary>Waits until the membership table, which is in Postgres, has a silo that was declared dead.</summary>
    public async Task SomeSiloIsDeadAsync()
    {
        await using var source = PostgresServer.Open(_database);
        await TimeLimit.UntilAsync(
            async () =>
            {
                await using var command = source.CreateCommand("SELECT count(*) FROM chats_cluster_silo WHERE cluster_id = $1 AND status = $2");
                command.Parameters.Add(new() { Value = _clusterId });
                command.Parameters.Add(new() { Value = Dead });
                return (long)(await command.ExecuteScalarAsync())!;
            },
            count => count > 0);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }
    }

    private T Keep<T>(T process)
        where T : IAsyncDisposable
    {
        _processes.Add(process);
        return process;
    }
}
