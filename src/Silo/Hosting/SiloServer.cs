using System.Net;
using GenAI.Chats.Silo.Clustering;
using GenAI.Chats.Silo.Network;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>A silo as its own process: it hosts chats, and serves health checks and, if it's enabled, the Orleans Dashboard. Front doors are its clients.</summary>
internal static class SiloServer
{
    /// <summary>Builds the silo, without starting it.</summary>
    /// <param name="args">Settings as arguments, such as <c>--Orleans:SiloPort=11111</c>.</param>
    /// <exception cref="OptionsValidationException">The configuration is invalid.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        UnknownSettings.Check(builder.Configuration);
        var options = ChatSiloSettings.Read(builder.Configuration);
        builder.AddChatSilo(options.GatewayPort == 0 ? options with { GatewayPort = EndpointOptions.DEFAULT_GATEWAY_PORT } : options);
        var services = builder.Services;
        services.AddOptions<SiloServerOptions>().Bind(builder.Configuration.GetSection(SiloServerOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiloServerOptions>, SiloServerOptionsValidator>();
        services.AddSingleton<IValidateOptions<SiloServerOptions>, SiloDashboardValidator>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, Endpoints>();
        services.AddGrpc();
        services.AddChatHealth();
        services.AddConnectionLimit(static _ => null);
        services.AddHostedService<SiloGreeting>();
        builder.AddChatTelemetry();

        // Validated before the host starts, because the host would log failures with a stack trace.
        var app = builder.Build();
        app.Services.GetService<IStartupValidator>()?.Validate();
        app.MapChatHealth();
        app.MapChatDashboard();
        return app;
    }

    private sealed class Endpoints(IOptions<SiloServerOptions> silo) : IConfigureOptions<KestrelServerOptions>
    {
        public void Configure(KestrelServerOptions options)
        {
            options.AddServerHeader = false;
            var address = IPAddress.Parse(silo.Value.Address);
            options.Listen(address, silo.Value.HealthGrpcPort, static endpoint => endpoint.Protocols = HttpProtocols.Http2);
            options.Listen(address, silo.Value.HttpPort, static endpoint => endpoint.Protocols = HttpProtocols.Http1);
        }
    }
}
