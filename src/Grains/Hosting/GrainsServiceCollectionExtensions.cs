using GenAI.Chats.Engine.Hosting;
using GenAI.Chats.Grains.Quotas;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GenAI.Chats.Grains.Hosting;

/// <summary>Registers what grains need, and the services that run beside them.</summary>
public static class GrainsServiceCollectionExtensions
{
    /// <summary>Adds the engine, tenants' quotas, and heartbeats.</summary>
    public static IServiceCollection AddChatEngineAndQuotas(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddChatEngine(configuration);
        services.AddTenantQuotas();
        services.TryAddSingleton<HeartbeatService>();

        // Before the silo, so that heartbeats start before turns. Hosts stop in reverse order, so they also end after the silo.
        return services.AddHostedService(static provider => provider.GetRequiredService<HeartbeatService>());
    }

    /// <summary>Adds the recovery of orphaned turns. Call it after the silo was added, because it calls grains.</summary>
    public static IServiceCollection AddTurnRecovery(this IServiceCollection services) => services.AddHostedService<TurnRecoveryService>();

    /// <summary>Adds what processes of all roles need: serialization of the contract, and the drain when the process stops.</summary>
    public static IServiceCollection AddDrain(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddServerState(configuration);
        services.AddChatSerialization();
        return services.AddHostedService<Drain>();
    }
}
