using GenAI.Chats.TestKit;

namespace GenAI.Chats.SystemTests.Support;

/// <summary>A silo as a process of its own.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private SiloProcess(ChildProcess process, Uri health)
    {
        _process = process;
        Health = health;
    }

    /// <summary>Where it says whether it is ready.</summary>
    public Uri Health { get; }

    /// <summary>Starts a silo, which may fail. Its ports are free ones, but for the one that clients of the cluster use.</summary>
    public static ChildProcess Launch(IEnumerable<string> settings, IReadOnlyDictionary<string, string>? environment = null) => ChildProcess.Start(
        "dotnet", [Repository.SiloAssembly, "--Silo:HealthGrpcPort=0", "--Silo:HttpPort=0", "--Models:Echo=true", $"--Orleans:GatewayPort={ReservedPort.Next()}", .. settings], environment);

    /// <summary>Starts a silo, and waits until it says that it is there.</summary>
    public static async Task<SiloProcess> StartAsync(IEnumerable<string> settings, IReadOnlyDictionary<string, string>? environment = null)
    {
        var process = Launch(settings, environment);
        try
        {
            var line = await process.LineAsync(line => line.StartsWith("Silo on ", StringComparison.Ordinal));
            return new SiloProcess(process, new Uri(line[line.IndexOf("http://", StringComparison.Ordinal)..]));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public Task<int> TerminateAsync() => _process.TerminateAsync();

    public Task SignalAsync(string signal) => _process.SignalAsync(signal);

    public Task<int> ExitAsync() => _process.ExitAsync();

    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    public override string ToString() => _process.ToString();
}
