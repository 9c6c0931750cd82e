using Grpc.Net.Client;

namespace GenAI.Chats.SystemTests.Support;

/// <summary>The service as a process of its own, on ports that are free.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Greeting = "gRPC on ";
    private const string Health = ", health on ";

    private static readonly Lazy<Task<ServerProcess>> Shared = new(StartSharedAsync);

    private readonly ChildProcess _process;
    private readonly GrpcChannel _channel;

    private ServerProcess(ChildProcess process, string address, Uri? ready)
    {
        Ready = ready;
        _process = process;
        Address = address;
        _channel = GrpcChannel.ForAddress($"http://{address}");
        Client = new V1.Chats.ChatsClient(_channel);
    }

    /// <summary>Host and port for gRPC.</summary>
    public string Address { get; }

    public V1.Chats.ChatsClient Client { get; }

    /// <summary>Where readiness is told over HTTP; null where the greeting names no such port.</summary>
    public Uri? Ready { get; }

    /// <summary>The connection of <see cref="Client"/>.</summary>
    public GrpcChannel Channel => _channel;

    public int Id => _process.Id;

    /// <summary>
    /// A server with the default settings that tests share. It runs until the test process ends. A test that uses it gives its chats IDs that no other test uses.
    /// </summary>
    public static Task<ServerProcess> SharedAsync() => Shared.Value;

    /// <summary>Starts the service on a database, and waits until it says that it listens.</summary>
    public static Task<ServerProcess> StartAsync(string database, params string[] settings) =>
        GreetedAsync(Launch(["--Storage:Path=" + database, .. settings]));

    /// <summary>Starts the service, which may fail.</summary>
    public static ChildProcess Launch(params string[] settings) => LaunchHost(Repository.ServerAssembly, settings);

    /// <summary>Starts a host that has the service.</summary>
    public static ChildProcess LaunchHost(string assembly, params string[] settings) =>
        ChildProcess.Start("dotnet", [assembly, "--Api:GrpcPort=0", "--Api:HttpPort=0", "--Models:Echo=true", .. settings]);

    /// <summary>Waits for the greeting of a service that was started.</summary>
    public static async Task<ServerProcess> GreetedAsync(ChildProcess process)
    {
        try
        {
            var line = await process.LineAsync(line => line.StartsWith(Greeting, StringComparison.Ordinal));
            var ready = line.IndexOf(Health, StringComparison.Ordinal);
            return new ServerProcess(
                process, line[Greeting.Length..].Split(',')[0], ready < 0 ? null : new Uri(line[(ready + Health.Length)..]));
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

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _process.DisposeAsync();
    }

    public override string ToString() => _process.ToString();

    private static async Task<ServerProcess> StartSharedAsync()
    {
        var directory = new TestDirectory();
        var server = await StartAsync(directory.Database);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            server.DisposeAsync().AsTask().GetAwaiter().GetResult();
            directory.Dispose();
        };
        return server;
    }
}
