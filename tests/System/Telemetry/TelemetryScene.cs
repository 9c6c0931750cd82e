using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit.Otlp;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Telemetry;

/// <summary>A server process, a scripted Gemini API, and a collector.</summary>
internal sealed class TelemetryScene : IAsyncDisposable
{
    public const string Model = "gemini-test";

    private readonly TestDirectory _directory = new();
    private readonly List<ServerProcess> _servers = [];

    private TelemetryScene(ScriptedGeminiServer gemini, OtlpCollector collector)
    {
        Gemini = gemini;
        Collector = collector;
    }

    public ScriptedGeminiServer Gemini { get; }

    public OtlpCollector Collector { get; }

    /// <summary>The database that the servers share.</summary>
    public string Database => _directory.Database;

    /// <summary>Settings of a server of this scene: its models.</summary>
    public IReadOnlyList<string> Models =>
    [
        "--Models:Routes:0:Name=gemini-*",
        "--Models:Routes:0:Targets:0:Provider=gemini",
        $"--Models:Routes:0:Targets:0:BaseUrl={Gemini.BaseUrl}",
        "--Models:Routes:0:Targets:0:Key=secret-key",
        "--Models:Routes:0:Retry:BaseDelay=00:00:00.010",
        "--Models:Routes:1:Name=echo",
        "--Models:Routes:1:Provider=echo",
    ];

    /// <summary>Settings of a server of this scene: it exports telemetry to the collector without delay.</summary>
    public IReadOnlyList<string> Telemetry =>
    [
        $"--OTEL_EXPORTER_OTLP_ENDPOINT={Collector.Address}",
        "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
        "--OTEL_METRIC_EXPORT_INTERVAL=300",
        "--OTEL_BSP_SCHEDULE_DELAY=100",
        "--OTEL_BLRP_SCHEDULE_DELAY=100",
    ];

    public static async Task<TelemetryScene> CreateAsync() => new(await ScriptedGeminiServer.StartAsync(), await OtlpCollector.StartAsync());

    /// <summary>Starts a server with the scene's database.</summary>
    public async Task<ServerProcess> StartAsync(params IEnumerable<string> settings)
    {
        var server = await ServerProcess.StartAsync(_directory.Database, [.. Models, .. Telemetry, .. settings]);
        _servers.Add(server);
        return server;
    }

    /// <summary>Creates a chat.</summary>
    public static async Task<string> NewChatAsync(ServerProcess server, string model = Model) =>
        (await server.Client.CreateChatAsync(new CreateChatRequest { Model = model }, cancellationToken: TimeLimit.Token)).Name;

    /// <summary>Sends a message, with the caller's trace, and reads the stream to its end.</summary>
    public static async Task StreamAsync(ServerProcess server, SendMessageRequest request, string? traceParent = null)
    {
        Metadata headers = traceParent is null ? [] : new Metadata { { "traceparent", traceParent } };
        using var call = server.Client.SendMessageStream(request, headers, cancellationToken: TimeLimit.Token);
        await Echo.AllAsync(call);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        await Collector.DisposeAsync();
        await Gemini.DisposeAsync();
        _directory.Dispose();
    }
}
