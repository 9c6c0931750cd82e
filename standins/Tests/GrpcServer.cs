using System.Net;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.StandIns;

/// <summary>A server on Kestrel over h2c, on a port of its own, and a channel to it.</summary>
internal sealed class GrpcServer(WebApplication app) : IAsyncDisposable
{
    private readonly Lazy<GrpcChannel> _channel = new(() => GrpcChannel.ForAddress(app.Urls.Single()));

    public GrpcChannel Channel => _channel.Value;

    public IServiceProvider Services => app.Services;

    public static async Task<GrpcServer> StartAsync(Action<IServiceCollection> configure, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, port: 0, listen => listen.Protocols = HttpProtocols.Http2));
        configure(builder.Services);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new GrpcServer(app);
    }

    public Task StopAsync() => app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        if (_channel.IsValueCreated)
        {
            _channel.Value.Dispose();
        }

        await app.DisposeAsync();
    }
}
