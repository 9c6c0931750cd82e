using System.Net;
using GenAI.Chats.Api.Configuration;
using GenAI.Chats.Api.Frames;
using GenAI.Chats.Api.Identity;
using GenAI.Chats.Api.Operators;
using GenAI.Chats.Api.Reloading;
using GenAI.Chats.Api.Services;
using GenAI.Chats.Api.Sizes;
using GenAI.Chats.Api.Telemetry;
using GenAI.Chats.Api.Tls;
using GenAI.Chats.Api.Turns;
using GenAI.Chats.Api.Validation;
using GenAI.Chats.Api.Watching;
using GenAI.Chats.Api.Web;
using GenAI.Chats.Api.Web.Ports;
using GenAI.Chats.Api.WebConsole;
using GenAI.Chats.Engine;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Silo.Network;
using Grpc.AspNetCore.Server;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GenAI.Chats.Api.Hosting;

/// <summary>Adds the front door to a web host that is a silo (<c>AddChatSilo</c>) or a client of silos (<c>AddChatClient</c>).</summary>
public static class ApiHostingExtensions
{
    private const int MaxHeaderBytes = 1 << 16;

    // For responses that are being sent. A read from another silo can take 5 s of it. The silo, the heartbeats, and the store need the rest of the host's timeout.
    private static readonly TimeSpan TimeAfterDrain = TimeSpan.FromSeconds(6);

    /// <summary>Adds the gRPC services, the web endpoints, and their ports (section <c>Api</c>).</summary>
    public static WebApplicationBuilder AddChatsApi(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<ApiOptions>().Bind(builder.Configuration.GetSection(ApiOptions.SectionName)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ApiOptions>, ApiOptionsValidator>();
        services.AddSingleton<FrontDoorMetrics>();

        // At lower levels, it logs the messages for clients, which can quote the conversation.
        builder.Logging.AddFilter("Grpc.AspNetCore.Server.ServerCallHandler", LogLevel.Warning);
        services.AddGrpc(static grpc =>
        {
            grpc.Interceptors.Add<CallInterceptor>();
            grpc.Interceptors.Add<SizeInterceptor>();
        });
        services.AddSingleton<SizeInterceptor>();
        services.AddOptions<GrpcServiceOptions>().Configure<IOptions<ChatsOptions>, ILogger<FrameReader>>(LimitMessages);
        services.AddGrpcReflection();
        services.AddChatHealth(V1.Chats.Descriptor.FullName);
        services.AddSingleton<ChatCaller>();
        services.AddSingleton<TurnReader>();
        services.AddSingleton<TurnFeeds>();
        services.AddSingleton<ChatFeeds>();
        services.AddSingleton<ChatWatcher>();
        services.AddSingleton<CallerWrites>();
        services.AddSingleton<IServiceMethodProvider<ChatsService>, EventStreams>();
        services.AddSingleton<RequestRules>();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<ApiOptions>, IConfiguration, TlsConnections, ServerState, TimeProvider>(Configure);
        services.AddConnectionLimit(static provider => provider.GetRequiredService<IOptions<ApiOptions>>().Value.MaxConnections);
        services.AddOptions<TlsOptions>().Bind(builder.Configuration.GetSection(TlsOptions.SectionName)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TlsOptions>, TlsOptionsValidator>();
        services.AddSingleton<TlsConnections>();
        services.AddSingleton<IReloadable>(static provider => provider.GetRequiredService<TlsConnections>());
        services.AddHostedService<Reloader>();
        services.AddChatsIdentity(builder.Configuration);
        services.AddWeb();
        services.AddChatConsole(builder.Configuration);
        return builder;
    }

    /// <summary>Maps the gRPC services, the web endpoints, the health checks, and, if it's enabled, the Orleans Dashboard.</summary>
    public static WebApplication MapChatsApi(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseWeb();
        app.UseChatsIdentity();
        app.UseGrpcWeb();
        app.UseMiddleware<FrameMiddleware>();
        app.MapGrpcService<ChatsService>().EnableGrpcWeb().RequireCors(WebHostingExtensions.CorsPolicy);
        app.MapGrpcService<OperatorService>().RequireOperator(app.Services);
        app.MapWeb();
        var reflection = app.MapGrpcReflectionService();
        if (app.Services.GetRequiredService<IOptions<ChatAuthenticationOptions>>().Value.AnonymousReflection)
        {
            reflection.AllowAnonymous();
        }

        app.MapChatHealth();
        app.MapChatDashboard();
        app.MapChatConsole();
        app.Lifetime.ApplicationStarted.Register(() => Greeting.Print(app));
        return app;
    }

    // Up to twice the maximum, requests are read, so that the error can name the field.
    private static void LimitMessages(GrpcServiceOptions grpc, IOptions<ChatsOptions> chats, ILogger<FrameReader> logger)
    {
        var maxBytes = (int)Math.Min(int.MaxValue, 2L * chats.Value.MaxMessageBytes);
        grpc.MaxReceiveMessageSize = maxBytes;
        grpc.CompressionProviders = [.. grpc.CompressionProviders.Select(provider => new BoundedDecompression(provider, maxBytes, logger))];
    }

    private static void Configure(
        KestrelServerOptions kestrel, IOptions<ApiOptions> options, IConfiguration configuration, TlsConnections tls, ServerState server, TimeProvider time)
    {
        var api = options.Value;
        kestrel.AddServerHeader = false;
        if (api.KeepAlivePingDelay > TimeSpan.Zero)
        {
            kestrel.Limits.Http2.KeepAlivePingDelay = api.KeepAlivePingDelay;
            kestrel.Limits.Http2.KeepAlivePingTimeout = api.KeepAlivePingTimeout;
        }

        // As large as proxies let through. A client with a header that is larger loses its connection.
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = MaxHeaderBytes;
        kestrel.Limits.Http2.MaxStreamsPerConnection = api.MaxStreamsPerConnection;

        // When the turns have drained, the server has answered every call. Clients that don't read their responses, or keep endless streams open, would delay the
        // shutdown until the host's timeout.
        var cut = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        server.Release.Register(() => cut.CancelAfter(TimeAfterDrain));
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => async connection =>
        {
            using var abort = cut.Token.Register(connection.Abort);
            await next(connection);
        }));

        // gRPC limits the size of messages: see LimitMessages.
        kestrel.Limits.MaxRequestBodySize = null;

        // If Kestrel's own settings contain endpoints, they replace these.
        if (configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            return;
        }

        var address = IPAddress.Parse(api.Address);
        kestrel.Listen(address, api.GrpcPort, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            tls.Secure(endpoint);
        });
        kestrel.Listen(address, api.HttpPort, endpoint => WebPort.Configure(endpoint, tls, time));
    }
}
