using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Client.Tests.Support;

/// <summary>A gRPC server on a port of its own, in front of a service that does what a test says.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<ChatsClient> _clients = [];

    private ScriptedServer(WebApplication app) => _app = app;

    /// <summary>The service.</summary>
    public ScriptedChats Chats { get; } = new();

    public Uri Address => new(_app.Urls.Single());

    public static async Task<ScriptedServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(k => k.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        ScriptedServer? server = null;
        builder.Services.AddSingleton(_ => server!.Chats);
        var app = builder.Build();
        app.MapGrpcService<ScriptedChats>();
        server = new ScriptedServer(app);
        await app.StartAsync();
        return server;
    }

    /// <summary>A client that loses no time between attempts.</summary>
    public ChatsClient Client(ChatsClientOptions? options = null, TimeProvider? time = null)
    {
        var client = new ChatsClient(Hasty(options) with { Address = Address }, time);
        _clients.Add(client);
        return client;
    }

    /// <summary>A chat of such a client.</summary>
    public Chat Chat(ChatsClientOptions? options = null, TimeProvider? time = null) => Client(options, time).Open("c");

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _app.DisposeAsync();
    }

    private static ChatsClientOptions Hasty(ChatsClientOptions? options) =>
        options ?? new ChatsClientOptions { InitialBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromMilliseconds(1) };
}
