namespace GenAI.Chats.Bench.Load;

/// <summary>Starts the servers to measure, each in a process of its own.</summary>
/// <param name="api">The service's assembly.</param>
/// <param name="data">Where their files go.</param>
internal sealed class Servers(string api, DataDirectory data)
{
    private static readonly string Here = AppContext.BaseDirectory;

    public static Servers FromEnvironment(DataDirectory data) => new(
        Environment.GetEnvironmentVariable("CHATS_BENCH_SERVER")
            ?? throw new InvalidOperationException("CHATS_BENCH_SERVER is unset: it names the service's GenAI.Chats.Api.dll. Start with ./bench."),
        data);

    /// <summary>The raw gRPC echo.</summary>
    public Task<ServerProcess> StartRawAsync() =>
        ServerProcess.StartAsync(Path.Combine(Here, "GenAI.Chats.Bench.dll"), data.Path, "echo-server");

    /// <summary>The service on a file of chats.</summary>
    public Task<ServerProcess> StartAsync(string file) => StartAsync("--Storage:Provider=Sqlite", $"--Storage:Path={file}");

    /// <summary>The service on a Postgres database.</summary>
    public Task<ServerProcess> StartOnPostgresAsync(string connectionString) =>
        StartAsync("--Storage:Provider=Postgres", $"--Storage:ConnectionString={connectionString}");

    /// <summary>A name for a new file of chats.</summary>
    public string NewFile() => Path.Combine(data.Path, $"{Guid.NewGuid():N}.db");

    private Task<ServerProcess> StartAsync(params string[] settings) => ServerProcess.StartAsync(
        api, data.Path, ["--Api:GrpcPort=0", "--Api:HttpPort=0", "--Models:Echo=true", .. settings]);
}

/// <summary>A directory for the run's files, which goes with it.</summary>
internal sealed class DataDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("chats-bench-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
