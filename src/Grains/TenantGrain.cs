using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Lists;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Grains.Quotas;
using GenAI.Chats.V1;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Grains;

/// <summary>Lists a tenant's chats from the store, and leases its limits to servers.</summary>
[GrainType("tenant")]
internal sealed class TenantGrain(SessionServices services, ITenantUsageStore usage, IOptionsMonitor<LimitsOptions> limits) : Grain, ITenantGrain
{
    private TenantLeases? _leases;

    public Task<ListChatsResponse> ListChatsAsync(ListChatsRequest request, CancellationToken cancellationToken) =>
        new ChatLister(this.GetPrimaryKeyString(), services).ListAsync(request, cancellationToken);

    public ValueTask<Lease> LeaseAsync(LeaseRequest request)
    {
        _leases ??= new TenantLeases(this.GetPrimaryKeyString(), limits, usage, services.Time, services.Log);
        return _leases.LeaseAsync(request);
    }
}
