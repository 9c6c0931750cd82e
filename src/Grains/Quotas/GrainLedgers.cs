using GenAI.Chats.Engine.Admission;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Grains.Quotas;

/// <summary>The ledgers in the tenants' grains. The silo is there by the time that a chat asks.</summary>
internal sealed class GrainLedgers(IServiceProvider services) : ITenantLedgers
{
    public async Task<TenantGrant> ClaimAsync(string tenant, TenantClaim claim) =>
        await services.GetRequiredService<IGrainFactory>().GetGrain<ITenantGrain>(tenant).ClaimAsync(claim).ConfigureAwait(false);
}
