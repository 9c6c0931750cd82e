using GenAI.Chats.Silo.Network;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Orleans.Configuration;

namespace GenAI.Chats.Silo.Hosting;

/// <summary>A silo as its own process: it hosts chats, and serves health checks and, if it's enabled, the Orleans Dashboard. Front doors are its clients.</summary>
internal static class SiloServer
{
    // The processes of a cluster can share settings. Servers check theirs.
    private static readonly (string Path, Type Type)[] OfServers = [("Api", typeof(object)), ("Authentication", typeof(object))];

    /// <summary>Builds the silo, without starting it.</summary>
    /// <param name="args">Settings as arguments, such as <c>--Orleans:SiloPort=11111</c>.</param>
    /// <exception cref="OptionsValidationException">The configuration is invalid.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        UnknownSettings.Check(builder.Configuration, OfServers);
        var options = ChatSiloSettings.Read(builder.Configuration);
        builder.AddChatSilo(options.GatewayPort == 0 ? options with { GatewayPort = EndpointOptions.DEFAULT_GATEWAY_PORT } : options);
        var services = builder.Services;
        services.AddOptions<SiloServerOptions>().Bind(builder.Configuration.GetSection(SiloServerOptions.SectionName)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiloServerOptions>, SiloServerOptionsValidator>();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<SiloServerOptions>>(Configure);
        services.AddGrpc();
        services.AddChatHealth();
        LogSwitch.AddTo(services);
        services.AddConnectionLimit(static _ => null);
        builder.AddChatTelemetry();

        // Validated before the host starts, because the host would log failures with a stack trace.
        var app = builder.Build();
        app.Services.GetService<IStartupValidator>()?.Validate();
        app.UseChatTelemetry();
        app.MapChatHealth();
        app.MapChatDashboard();
        app.Lifetime.ApplicationStarted.Register(() => Greet(app));
        return app;
    }

    // Addresses are in the order of the endpoints: gRPC first.
    private static void Greet(WebApplication app)
    {
        var silo = app.Services.GetRequiredService<ILocalSiloDetails>();
        Console.WriteLine($"Silo on {silo.SiloAddress.Endpoint}, gateway on {silo.GatewayAddress.Endpoint}, health on {app.Urls.ElementAt(1)}/healthz/ready");
    }

    private static void Configure(KestrelServerOptions kestrel, IOptions<SiloServerOptions> silo)
    {
        kestrel.AddServerHeader = false;
        var address = IPAddress.Parse(silo.Value.Address);
        kestrel.Listen(address, silo.Value.HealthGrpcPort, static endpoint => endpoint.Protocols = HttpProtocols.Http2);
        kestrel.Listen(address, silo.Value.HttpPort, static endpoint => endpoint.Protocols = HttpProtocols.Http1);
    }
}
