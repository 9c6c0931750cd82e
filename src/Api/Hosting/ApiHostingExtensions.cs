using System.Net;
using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Errors;
using GenAI.Chats.Api.Frames;
using GenAI.Chats.Api.Identity;
using GenAI.Chats.Api.Services;
using GenAI.Chats.Api.Telemetry;
using GenAI.Chats.Api.Tls;
using GenAI.Chats.Api.Turns;
using GenAI.Chats.Api.Validation;
using GenAI.Chats.Api.Watching;
using GenAI.Chats.Engine;
using GenAI.Chats.Silo.Clustering;
using GenAI.Chats.Silo.Network;
using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Hosting;

/// <summary>Adds the front door to a web host that is a silo (<c>AddChatSilo</c>) or a client of silos (<c>AddChatClient</c>).</summary>
public static class ApiHostingExtensions
{
    /// <summary>Adds the gRPC services and their ports (section <c>Api</c>).</summary>
    public static WebApplicationBuilder AddChatsApi(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<ApiOptions>().Bind(builder.Configuration.GetSection(ApiOptions.SectionName)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ApiOptions>, ApiOptionsValidator>();
        services.AddSingleton<IValidateOptions<ApiOptions>, ApiDashboardValidator>();
        services.AddSingleton<FrontDoorMetrics>();

        // At lower levels, it logs the messages for clients, which can quote the conversation.
        builder.Logging.AddFilter("Grpc.AspNetCore.Server.ServerCallHandler", LogLevel.Warning);
        services.AddGrpc(static grpc => grpc.Interceptors.Add<CallTelemetry>());
        services.Configure<GrpcServiceOptions>(static grpc => grpc.Interceptors.Add<ErrorInterceptor>());
        services.AddSingleton<IConfigureOptions<GrpcServiceOptions>, MessageLimits>();
        services.AddGrpcReflection();
        var health = services.AddChatHealth(V1.Chats.Descriptor.FullName);
        if (services.Any(static service => service.ServiceType == typeof(ClusterConnection)))
        {
            health.AddCheck<ClusterCheck>(ClusterCheck.Name);
        }

        services.AddSingleton<ChatCaller>();
        services.AddSingleton<TurnReader>();
        services.AddSingleton<TurnFeeds>();
        services.AddSingleton<ChatFeeds>();
        services.AddSingleton<ChatWatcher>();
        services.AddSingleton<CallerWrites>();
        services.AddSingleton<IServiceMethodProvider<ChatsService>, EventStreams>();
        services.AddSingleton<RequestRules>();
        services.AddSingleton<LastCall>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, Endpoints>();
        services.AddConnectionLimit(static provider => provider.GetRequiredService<IOptions<ApiOptions>>().Value.MaxConnections);
        services.AddHostedService<Greeting>();
        services.AddChatsTls(builder.Configuration);
        services.AddChatsIdentity(builder.Configuration);
        return builder;
    }

    /// <summary>Maps the gRPC services, the health checks, and, if it's enabled, the Orleans Dashboard.</summary>
    public static WebApplication MapChatsApi(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseChatsIdentity();
        app.UseMiddleware<FrameMiddleware>();
        app.MapGrpcService<ChatsService>();
        app.MapGrpcReflectionService().AllowAnonymousIf(app.Services.GetRequiredService<IOptions<ChatAuthenticationOptions>>().Value.AnonymousReflection);
        app.MapChatHealth();
        app.MapChatDashboard();
        return app;
    }

    // Up to twice the maximum, requests are read, so that the error can name the field.
    private sealed class MessageLimits(IOptions<ChatsOptions> chats, ILogger<FrameReader> logger) : IConfigureOptions<GrpcServiceOptions>
    {
        public void Configure(GrpcServiceOptions options)
        {
            var maxBytes = (int)Math.Min(int.MaxValue, 2L * chats.Value.MaxMessageBytes);
            options.MaxReceiveMessageSize = maxBytes;
            options.CompressionProviders = [.. options.CompressionProviders.Select(provider => new BoundedDecompression(provider, maxBytes, logger))];
        }
    }

    // If Kestrel's own settings contain endpoints, they replace these.
    private sealed class Endpoints(IOptions<ApiOptions> api, IConfiguration configuration, LastCall lastCall, TlsConnections tls) : IConfigureOptions<KestrelServerOptions>
    {
        public void Configure(KestrelServerOptions options)
        {
            options.AddServerHeader = false;
            if (api.Value.KeepAlivePingDelay > TimeSpan.Zero)
            {
                options.Limits.Http2.KeepAlivePingDelay = api.Value.KeepAlivePingDelay;
                options.Limits.Http2.KeepAlivePingTimeout = api.Value.KeepAlivePingTimeout;
            }

            options.Limits.Http2.MaxStreamsPerConnection = api.Value.MaxStreamsPerConnection;
            options.ConfigureEndpointDefaults(endpoint => endpoint.Use(CutAtLastCall));

            // gRPC limits the size of messages: see MessageLimits.
            options.Limits.MaxRequestBodySize = null;
            if (configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
            {
                return;
            }

            var address = IPAddress.Parse(api.Value.Address);
            options.Listen(address, api.Value.GrpcPort, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http2;
                tls.Secure(endpoint);
            });
            options.Listen(address, api.Value.HttpPort, static endpoint => endpoint.Protocols = HttpProtocols.Http1);
        }

        private ConnectionDelegate CutAtLastCall(ConnectionDelegate next) => async connection =>
        {
            using var cut = lastCall.Over.Register(connection.Abort);
            await next(connection);
        };
    }
}
