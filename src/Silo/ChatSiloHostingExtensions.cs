using System.Net;
using System.Net.Sockets;
using GenAI.Chats.Grains.Admission;
using GenAI.Chats.Grains.Engine;
using GenAI.Chats.Grains.Hosting;
using GenAI.Chats.Grains.Storage;
using GenAI.Chats.Grains.Tools;
using GenAI.Chats.Silo;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;

namespace Microsoft.Extensions.Hosting;

/// <summary>Puts a silo with the chat grains into a host.</summary>
public static class ChatSiloHostingExtensions
{
    // After the turns have drained, the web server and the silo want time of their own.
    private static readonly TimeSpan TimeAfterDrain = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Adds a silo that hosts the chats, with its store and models, as the host's configuration says (sections <c>Orleans</c>, <c>Chats</c>, <c>Storage</c>
    /// and <c>Models</c>). The host then has an <see cref="IGrainFactory"/>. Functions that models may call are added with <c>AddChatTool</c>.
    /// </summary>
    /// <exception cref="OptionsValidationException">The configuration of the silo is wrong. The other sections are checked when the host starts.</exception>
    public static IHostApplicationBuilder AddChatSilo(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = Read(builder.Configuration);
        builder.Services.AddChatGrains(builder.Configuration);
        builder.UseOrleans(silo => Configure(silo, options));

        // Behind the silo, as it calls grains.
        builder.Services.AddHostedService<AbandonedTurnSweep>();
        return builder;
    }

    /// <summary>Adds what chat grains work with: engine, store, models. For hosts that set up their silo themselves; they call this first.</summary>
    public static IServiceCollection AddChatGrains(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<ChatsOptions>().Bind(configuration.GetSection(ChatsOptions.SectionName)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ChatsOptions>, ChatsOptionsValidator>();
        services.AddOptions<HostOptions>().Configure<IOptions<ChatsOptions>>(
            static (host, chats) => host.ShutdownTimeout = chats.Value.DrainTimeout + TimeAfterDrain);
        services.TryAddSingleton(TimeProvider.System);
        services.AddChatModels(configuration);
        services.AddChatStorage(configuration);
        services.AddTurnAdmission(configuration);
        services.TryAddSingleton<ServerState>();
        services.TryAddSingleton<StoreBeat>();
        services.TryAddSingleton<OrphanedChats>();
        services.TryAddSingleton<SessionServices>();
        services.TryAddSingleton<ChatTools>();
        services.AddHostedService(provider => provider.GetRequiredService<ChatTools>());
        services.AddSerializer(serializer => serializer.AddProtobufSerializer());

        // Before the silo: no turn starts before its owner lives. After it on the way down, as hosts stop in reverse.
        services.AddHostedService<OwnerBeat>();
        services.AddHostedService<Drain>();
        return services;
    }

    private static ChatSiloOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection(ChatSiloOptions.SectionName).Get<ChatSiloOptions>() ?? new ChatSiloOptions();
        var result = new ChatSiloOptionsValidator().Validate(null, options);
        return result.Failed ? throw new OptionsValidationException(ChatSiloOptions.SectionName, typeof(ChatSiloOptions), result.Failures) : options;
    }

    private static void Configure(ISiloBuilder silo, ChatSiloOptions options)
    {
        var port = options.SiloPort == 0 ? FreePort() : options.SiloPort;
        silo.UseLocalhostClustering(port, options.GatewayPort, new IPEndPoint(IPAddress.Loopback, port), options.ServiceId, options.ClusterId);
        silo.Configure<GrainCollectionOptions>(collection => collection.CollectionAge = options.CollectionAge);
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = options.ProbeTimeout;
            membership.MaxProbeTimeout = options.ProbeTimeout * 2;
            membership.NumMissedProbesLimit = 3;
            membership.NumVotesForDeathDeclaration = 2;
        });
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
