using GenAI.Chats.Engine.Admission;
using GenAI.Chats.Engine;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.Grains.Hosting;
using GenAI.Chats.Grains.Quotas;
using GenAI.Chats.Silo;
using GenAI.Chats.Silo.Clustering;
using GenAI.Chats.Silo.Hosting;
using GenAI.Chats.Silo.Storage;
using GenAI.Chats.Silo.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace Microsoft.Extensions.Hosting;

/// <summary>Puts a silo with the chat grains into a host, or a client of silos elsewhere.</summary>
public static class ChatSiloHostingExtensions
{
    // After the turns have drained, the web server and the silo want time of their own.
    private static readonly TimeSpan TimeAfterDrain = TimeSpan.FromSeconds(15);

    // Silos come and go: a client learns of new ones this often.
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Adds a silo that hosts the chats, with its store and models, as the host's configuration says (sections <c>Orleans</c>, <c>Chats</c>, <c>Storage</c>
    /// and <c>Models</c>). The host then has an <see cref="IGrainFactory"/>. Functions that models may call are added with <c>AddChatTool</c>.
    /// </summary>
    /// <exception cref="OptionsValidationException">The configuration of the silo is wrong. The other sections are checked when the host starts.</exception>
    public static IHostApplicationBuilder AddChatSilo(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddChatSilo(ChatSiloSettings.Read(builder.Configuration));
    }

    internal static IHostApplicationBuilder AddChatSilo(this IHostApplicationBuilder builder, ChatSiloOptions options)
    {
        var services = builder.Services;
        services.AddChatGrains(builder.Configuration);
        services.TryAddSingleton(options);
        new OrleansHostBuilder(builder).UseOrleans(silo =>
        {
            silo.UseChatCluster(options);
            silo.AddOrleansSpans();
            silo.Configure<GrainCollectionOptions>(collection => collection.CollectionAge = options.CollectionAge);
            if (options.Dashboard)
            {
                silo.AddDashboard(ChatDashboardExtensions.Configure);
            }
        });

        SiloStop.Add(services);
        SteadyClock.Add(services);

        // Behind the silo, as it calls grains.
        services.AddHostedService<AbandonedTurnSweep>();
        return builder;
    }

    /// <summary>
    /// Adds a client of a cluster whose silos are other processes, as section <c>Orleans</c> says. The host then has an <see cref="IGrainFactory"/>, and no
    /// store and no models. It starts without a silo too, and waits for one: its hosted services start all at once.
    /// </summary>
    /// <exception cref="OptionsValidationException">The configuration of the cluster is wrong. Section <c>Chats</c> is checked when the host starts.</exception>
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
            client.AddOrleansSpans();
            client.Configure<GatewayOptions>(static gateways => gateways.GatewayListRefreshPeriod = GatewayRefresh);
            if (options.Dashboard)
            {
                client.AddDashboard(ChatDashboardExtensions.Configure);
            }
        });
        return builder;
    }

    /// <summary>Adds what chat grains work with: engine, store, models. For hosts that set up their silo themselves; they call this first.</summary>
    public static IServiceCollection AddChatGrains(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddChatModels(configuration);
        services.AddChatStorage(configuration);
        services.AddChatGrainStorage(configuration);
        services.AddTurnAdmission(configuration);
        services.TryAddSingleton<ITenantLedgers, GrainLedgers>();
        services.TryAddSingleton<StoreBeat>();
        services.TryAddSingleton<OrphanedChats>();
        services.TryAddSingleton<SessionServices>();
        services.TryAddSingleton<ChatTools>();
        services.TryAddSingleton<IChatMoves, ChatMoves>();
        services.TryAddSingleton<IIdleChats, IdleChats>();
        services.AddHostedService(provider => provider.GetRequiredService<ChatTools>());

        // Before the silo: no turn starts before its owner lives. After it on the way down, as hosts stop in reverse.
        services.AddHostedService<OwnerBeat>();
        return services.AddChatServer(configuration);
    }

    // What a server has whatever its role: limits, and its way of stopping.
    private static IServiceCollection AddChatServer(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ChatsOptions>().Bind(configuration.GetSection(ChatsOptions.SectionName)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ChatsOptions>, ChatsOptionsValidator>();
        services.AddOptions<HostOptions>().Configure<IOptions<ChatsOptions>>(
            static (host, chats) => host.ShutdownTimeout = chats.Value.DrainTimeout + TimeAfterDrain);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ServerState>();
        services.AddChatSerialization();
        services.AddHostedService<Drain>();
        return services;
    }
}
