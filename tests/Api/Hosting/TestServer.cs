using GenAI.Chats.Api.Hosting;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>
/// The server as users run it, in this process: on free ports, with a database of its own, model <c>echo</c>, and Gemini models that a
/// scripted server answers.
/// </summary>
public class TestServer : IAsyncLifetime
{
    private readonly string[] _settings;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("chats");
    private readonly List<GrpcChannel> _channels = [];
    private WebApplication? _app;

    /// <summary>A server with the settings that most tests want.</summary>
    public TestServer()
        : this([])
    {
    }

    /// <summary>A server with more settings, each as an argument.</summary>
    protected TestServer(params string[] settings) => _settings = settings;

    /// <summary>Answers for the models <c>gemini-*</c>.</summary>
    public ScriptedGeminiServer Gemini { get; private set; } = null!;

    /// <summary>A client with a connection that tests share.</summary>
    public V1.Chats.ChatsClient Client { get; private set; } = null!;

    /// <summary>The channel of <see cref="Client"/>.</summary>
    public GrpcChannel Channel { get; private set; } = null!;

    /// <summary>What the server has logged as an error.</summary>
    public ErrorLogs Errors { get; } = new();

    /// <summary>The addresses: of gRPC, and of HTTP/1.1.</summary>
    public (Uri Grpc, Uri Http) Addresses { get; private set; }

    /// <summary>The running server.</summary>
    public WebApplication App => _app!;

    /// <summary>Starts a server that a test has for itself.</summary>
    public static async Task<TestServer> StartAsync(params string[] settings)
    {
        var server = new TestServer(settings);
        await server.InitializeAsync();
        return server;
    }

    public async Task InitializeAsync()
    {
        Gemini = await ScriptedGeminiServer.StartAsync();
        _app = ApiServer.Build([.. Settings(), .. _settings], Configure);
        _app.Services.GetRequiredService<ILoggerFactory>().AddProvider(Errors);
        await _app.StartAsync();
        var urls = _app.Urls.Select(url => new Uri(url)).ToArray();
        Addresses = (urls[0], urls[1]);
        Channel = NewChannel();
        Client = new V1.Chats.ChatsClient(Channel.Intercept(new LimitInterceptor()));
    }

    public async Task DisposeAsync()
    {
        foreach (var channel in _channels)
        {
            channel.Dispose();
        }

        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        await Gemini.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
    }

    /// <summary>Adds to the server's host.</summary>
    protected virtual void Configure(WebApplicationBuilder builder)
    {
    }

    /// <summary>Opens a connection of its own.</summary>
    public GrpcChannel NewChannel()
    {
        var channel = GrpcChannel.ForAddress(Addresses.Grpc, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = null,
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true },
            DisposeHttpClient = true,
        });
        _channels.Add(channel);
        return channel;
    }

    /// <summary>Stops the server as a signal would: its lifetime ends, then its services.</summary>
    public Task StopAsync()
    {
        App.Lifetime.StopApplication();
        return App.StopAsync();
    }

    /// <summary>Creates a chat for one test.</summary>
    /// <param name="model">Null: a Gemini model with a name of its own, by which the scripted server tells its requests.</param>
    /// <param name="history">The initial history.</param>
    public async Task<TestChat> NewChatAsync(string? model = null, params Content[] history)
    {
        model ??= $"gemini-{Guid.NewGuid():N}";
        var chat = await Client.CreateChatAsync(new CreateChatRequest { Model = model, History = { history } });
        return new TestChat(this, model, chat.Name);
    }

    // What a test scripts is what its chat gets, and no test minds what another's model does.
    private static string[] CalledOnce(int route) =>
    [
        $"--Models:Routes:{route}:Retry:MaxAttempts=1",
        $"--Models:Routes:{route}:Retry:MaxEmptyRetries=0",
        $"--Models:Routes:{route}:CircuitBreaker:MinimumThroughput=1000000",
    ];

    private string[] Settings() =>
    [
        "--Api:GrpcPort=0",
        "--Api:HttpPort=0",
        $"--Storage:Path={Path.Combine(_directory.FullName, "chats.db")}",
        "--Models:Routes:0:Name=echo",
        "--Models:Routes:0:Provider=echo",
        "--Models:Routes:1:Name=gemini-refused",
        "--Models:Routes:1:Provider=gemini",
        "--Models:Routes:1:BaseUrl=http://127.0.0.1:1/",
        "--Models:Routes:1:Key=key",
        "--Models:Routes:2:Name=gemini-*",
        "--Models:Routes:2:Provider=gemini",
        $"--Models:Routes:2:BaseUrl={Gemini.BaseUrl}",
        "--Models:Routes:2:Key=secret-key",
        .. CalledOnce(1),
        .. CalledOnce(2),
        "--Chats:DrainTimeout=00:00:01",
        "--Logging:Console:LogLevel:Default=None",
    ];
}
