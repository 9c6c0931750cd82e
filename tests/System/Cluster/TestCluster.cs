using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit.Postgres;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>Silos and front doors, each a process, on a Postgres schema of their own: chats and the cluster's list of silos are both in it.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly string _connectionString;
    private readonly List<IAsyncDisposable> _processes = [];

    private TestCluster(string connectionString) => _connectionString = connectionString;

    // Silos notice in a moment what takes them seconds by default.
    private string[] Silos =>
    [
        .. Times.Hasty, "--Orleans:ProbeTimeout=00:00:00.5", "--Orleans:Clustering:ProviderType=AdoNet", "--Orleans:AdvertisedAddress=127.0.0.1",
        "--Storage:Provider=Postgres", $"--Storage:ConnectionString={_connectionString}",
    ];

    public static async Task<TestCluster> CreateAsync() => new(await (await PostgresServer.SharedAsync()).CreateSchemaAsync());

    public async Task<SiloProcess> StartSiloAsync(params IEnumerable<string> settings) => Keep(await SiloProcess.StartAsync([.. Silos, .. settings]));

    /// <summary>Starts a server that hosts chats, and is a front door to all of the cluster.</summary>
    public async Task<ServerProcess> StartServerAsync(params IEnumerable<string> settings) =>
        Keep(await ServerProcess.GreetedAsync(ServerProcess.Launch([.. Silos, .. settings])));

    /// <summary>Starts a front door without chats, which may have to wait for a silo.</summary>
    public ChildProcess LaunchDoor(params IEnumerable<string> settings) => Keep(ServerProcess.Launch(
    [
        "--Api:Role=FrontDoor", "--Orleans:Clustering:ProviderType=AdoNet", $"--Orleans:Clustering:ConnectionString={_connectionString}", .. settings,
    ]));

    /// <summary>Starts a front door without chats, and waits until it is connected to a silo.</summary>
    public Task<ServerProcess> StartDoorAsync() => ServerProcess.GreetedAsync(LaunchDoor());

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
