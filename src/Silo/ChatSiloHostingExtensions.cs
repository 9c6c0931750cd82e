using GenAI.Chats.Engine;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Grains;
using GenAI.Chats.Grains.Hosting;
using GenAI.Chats.Silo.Activations;
using GenAI.Chats.Silo.Stopping;
using GenAI.Chats.Silo.Storage;
using GenAI.Chats.Silo.Telemetry;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds a silo with the chat grains to a host, or a client of a cluster of silos.</summary>
public static class ChatSiloHostingExtensions
{
    // The time that the web server and the silo need to stop after turns have drained.
    private static readonly TimeSpan TimeAfterDrain = TimeSpan.FromSeconds(15);

    // How often a client looks for new silos.
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Adds a silo that hosts chats, with its store and models, from the configuration sections <c>Orleans</c>, <c>Chats</c>, <c>Storage</c>, and
    /// <c>Models</c>. It also adds an <see cref="IGrainFactory"/>. To add server-side tools, call <c>AddChatTool</c>.
    /// </summary>
    /// <exception cref="OptionsValidationException">The section <c>Orleans</c> is invalid. Other sections are checked when the host starts.</exception>
    public static IHostApplicationBuilder AddChatSilo(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddChatSilo(ChatSiloSettings.Read(builder.Configuration));
    }

    internal static IHostApplicationBuilder AddChatSilo(this IHostApplicationBuilder builder, ChatSiloOptions options)
    {
        var services = builder.Services;
        services.AddHostedService<ClusterStarter>();
        services.AddChatGrains(builder.Configuration);
        services.TryAddSingleton(options);
        new OrleansHostBuilder(builder).UseOrleans(silo =>
        {
            silo.UseChatCluster(options);
            if (HasOrleansSpans(silo.Configuration))
            {
                silo.AddActivityPropagation();
            }

            silo.Configure<GrainCollectionOptions>(collection => collection.CollectionAge = options.CollectionAge);
            if (options.Dashboard)
            {
                silo.AddDashboard(ChatDashboardExtensions.Configure);
            }
        });

        SiloStop.Add(services);
        SteadyClock.Add(services);

        // After the silo, because it calls grains.
        services.AddTurnRecovery();
        return builder;
    }

    /// <summary>
    /// Adds a client of a cluster whose silos are other processes, from the configuration section <c>Orleans</c>. It also adds an <see cref="IGrainFactory"/>,
    /// but no store and no models. The host can start before any silo, because its hosted services start concurrently.
    /// </summary>
    /// <exception cref="OptionsValidationException">The section <c>Orleans</c> is invalid. <c>Chats</c> is checked when the host starts.</exception>
    public static IHostApplicationBuilder AddChatClient(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = ChatSiloSettings.Read(builder.Configuration, hostsChats: false);
        var services = builder.Services;
        services.AddChatServer(builder.Configuration);
        services.TryAddSingleton(options);
        services.AddOptions<HostOptions>().Configure(static host => host.ServicesStartConcurrently = true);
        services.AddSingleton<ClusterConnection>();
        services.AddSingleton<Func<IClusterClient>>(static provider => provider.GetRequiredService<IClusterClient>);
        services.AddHostedService(static provider => provider.GetRequiredService<ClusterConnection>());
        services.AddSingleton<IClusterConnectionStatusObserver>(static provider => provider.GetRequiredService<ClusterConnection>());
        services.AddSingleton<IClientConnectionRetryFilter>(static provider => provider.GetRequiredService<ClusterConnection>());
        new OrleansHostBuilder(builder).UseOrleansClient(client =>
        {
            client.UseChatCluster(options);
            if (HasOrleansSpans(client.Configuration))
            {
                client.AddActivityPropagation();
            }

            client.Configure<GatewayOptions>(static gateways => gateways.GatewayListRefreshPeriod = GatewayRefresh);
            if (options.Dashboard)
            {
                client.AddDashboard(ChatDashboardExtensions.Configure);
            }
        });
        return builder;
    }

    /// <summary>Adds the services of chat grains: engine, store, and models. Hosts that set up their own silo call this before they do so.</summary>
    public static IServiceCollection AddChatGrains(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddChatModels(configuration);
        services.AddChatStorage(configuration);
        services.AddChatGrainStorage(configuration);
        services.AddChatEngineAndQuotas(configuration);
        services.TryAddSingleton<IChatMoves, ChatMoves>();
        services.TryAddSingleton<IIdleChats, IdleChats>();
        return services.AddChatServer(configuration);
    }

    // Spans of chats know their callers without Orleans' own spans.
    private static bool HasOrleansSpans(IConfiguration configuration) =>
        configuration.GetSection(TelemetryOptions.SectionName).Get<TelemetryOptions>() is { OrleansSpans: true };

    // The services of all roles: limits, and draining.
    private static IServiceCollection AddChatServer(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<HostOptions>().Configure<IOptions<ChatsOptions>>(
            static (host, chats) => host.ShutdownTimeout = chats.Value.DrainTimeout + TimeAfterDrain);
        return services.AddDrain(configuration);
    }
}
