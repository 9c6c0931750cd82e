using GenAI.Chats.TestKit;

namespace GenAI.Chats.Bench.Load;

/// <summary>Starts the servers to measure, each in a process of its own.</summary>
/// <param name="api">The service's assembly.</param>
/// <param name="silo">The assembly of a silo.</param>
/// <param name="data">Where their files go.</param>
internal sealed class Servers(string api, string silo, DataDirectory data)
{
    private static readonly string Here = AppContext.BaseDirectory;

    public static Servers FromEnvironment(DataDirectory data) => new(
        Assembly("CHATS_BENCH_SERVER", "GenAI.Chats.Api.dll"), Assembly("CHATS_BENCH_SILO", "GenAI.Chats.Silo.dll"), data);

    /// <summary>The raw gRPC echo.</summary>
    public Task<ServerProcess> StartRawAsync() =>
        ServerProcess.StartAsync(Path.Combine(Here, "GenAI.Chats.Bench.dll"), data.Path, "echo-server");

    /// <summary>The service on a file of chats.</summary>
    public Task<ServerProcess> StartAsync(string file) => StartAsync("--Storage:Provider=Sqlite", $"--Storage:Path={file}");

    /// <summary>The service on a Postgres database.</summary>
    public Task<ServerProcess> StartOnPostgresAsync(string connectionString) =>
        StartAsync("--Storage:Provider=Postgres", $"--Storage:ConnectionString={connectionString}");

    /// <summary>The service on a file of chats, with its REST API.</summary>
    public async Task<(ServerProcess Server, Uri Address)> StartWithRestAsync(string file)
    {
        var port = ReservedPort.Next();
        var server = await StartAsync("--Storage:Provider=Sqlite", $"--Storage:Path={file}", $"--Api:HttpPort={port}");
        return (server, new Uri($"http://127.0.0.1:{port}"));
    }

    /// <summary>Silos and front doors on a Postgres database, which holds the membership table too.</summary>
    public async Task<ClusterProcesses> StartClusterAsync(string connectionString, int silos, int doors)
    {
        string[] clustering =
        [
            "--Orleans:Clustering:ProviderType=AdoNet", $"--Orleans:Clustering:ConnectionString={connectionString}", $"--Orleans:ClusterId=bench-{Guid.NewGuid():N}",
        ];
        var started = new List<ServerProcess>();
        try
        {
            for (var i = 0; i < silos; i++)
            {
                started.Add(await ServerProcess.StartAsync(
                    silo,
                    data.Path,
                    [
                        "--Silo:HealthGrpcPort=0", "--Silo:HttpPort=0", "--Models:Echo=true", $"--Orleans:GatewayPort={ReservedPort.Next()}",
                        "--Orleans:AdvertisedAddress=127.0.0.1", "--Storage:Provider=Postgres", $"--Storage:ConnectionString={connectionString}", .. clustering,
                    ]));
            }

            for (var i = 0; i < doors; i++)
            {
                started.Add(await ServerProcess.StartAsync(api, data.Path, ["--Api:Role=FrontDoor", "--Api:GrpcPort=0", "--Api:HttpPort=0", .. clustering]));
            }
        }
        catch
        {
            await new ClusterProcesses(started, []).DisposeAsync();
            throw;
        }

        return new ClusterProcesses(started[..silos], started[silos..]);
    }

    /// <summary>A name for a new file of chats.</summary>
    public string NewFile() => Path.Combine(data.Path, $"{Guid.NewGuid():N}.db");

    private static string Assembly(string variable, string file) => Environment.GetEnvironmentVariable(variable)
        ?? throw new InvalidOperationException($"{variable} is unset: it names the service's {file}. Start with ./bench.");

    private Task<ServerProcess> StartAsync(params string[] settings) => ServerProcess.StartAsync(
        api, data.Path, ["--Api:GrpcPort=0", "--Api:HttpPort=0", "--Models:Echo=true", .. settings]);
}

/// <summary>A directory for the run's files, which goes with it.</summary>
internal sealed class DataDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("chats-bench-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
