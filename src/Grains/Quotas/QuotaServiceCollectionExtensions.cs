using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GenAI.Chats.Grains.Quotas;

/// <summary>Registers tenants' quotas.</summary>
internal static class QuotaServiceCollectionExtensions
{
    /// <summary>Adds <see cref="ITenantQuotas"/>, shared between servers by the tenants' grains.</summary>
    public static IServiceCollection AddTenantQuotas(this IServiceCollection services)
    {
        services.TryAddSingleton<ILeaseSource, GrainLeaseSource>();
        services.TryAddSingleton<TokenUsage>();
        services.TryAddSingleton<TenantQuotas>();
        services.TryAddSingleton<ITenantQuotas>(static provider => provider.GetRequiredService<TenantQuotas>());
        return services.AddHostedService<QuotaService>();
    }
}
