using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Client.Tests.Support;

/// <summary>A gRPC server with a scripted service.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<ChatsClient> _clients = [];

    private ScriptedServer(WebApplication app) => _app = app;

    /// <summary>The service.</summary>
    public ScriptedChats Chats { get; } = new();

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Starts a server.</summary>
    /// <param name="certificate">Its certificate. If null, it has no TLS.</param>
    /// <param name="connected">Gets the subjects of client certificates.</param>
    public static async Task<ScriptedServer> StartAsync(X509Certificate2? certificate = null, Action<string>? connected = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            if (certificate is not null)
            {
                endpoint.UseHttps(certificate, https =>
                {
                    https.ClientCertificateMode = connected is null ? ClientCertificateMode.NoCertificate : ClientCertificateMode.RequireCertificate;
                    https.ClientCertificateValidation = (shown, _, _) =>
                    {
                        connected?.Invoke(shown.Subject);
                        return true;
                    };
                });
            }
        }));
        builder.Services.AddGrpc();
        ScriptedServer? server = null;
        builder.Services.AddSingleton(_ => server!.Chats);
        var app = builder.Build();
        app.MapGrpcService<ScriptedChats>();
        server = new ScriptedServer(app);
        await app.StartAsync();
        return server;
    }

    /// <summary>Creates a client with short backoff.</summary>
    public ChatsClient Client(ChatsClientOptions? options = null, TimeProvider? time = null)
    {
        var client = new ChatsClient(Hasty(options) with { Address = Address }, time);
        _clients.Add(client);
        return client;
    }

    /// <summary>Returns a chat of such a client.</summary>
    public Chat Chat(ChatsClientOptions? options = null, TimeProvider? time = null) => Client(options, time).Open("c");

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await _app.DisposeAsync();
    }

    private static ChatsClientOptions Hasty(ChatsClientOptions? options) =>
        options ?? new ChatsClientOptions { InitialBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromMilliseconds(1) };
}
