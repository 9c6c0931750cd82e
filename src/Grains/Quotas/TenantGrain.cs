using GenAI.Chats.Engine.Lists;

namespace GenAI.Chats.Grains.Quotas;

/// <summary>Lists a tenant's chats from the store, and leases its limits to servers.</summary>
[GrainType("tenant")]
internal sealed class TenantGrain(
    ChatLister chats, ITenantUsageStore usage, IOptionsMonitor<LimitsOptions> limits, TimeProvider time, ILogger<TenantGrain> logger) : Grain, ITenantGrain
{
    private TenantLeases? _leases;

    public Task<ListChatsResponse> ListChatsAsync(ListChatsRequest request, CancellationToken cancellationToken) =>
        chats.ListAsync(this.GetPrimaryKeyString(), request, cancellationToken);

    public ValueTask<Lease> LeaseAsync(LeaseRequest request)
    {
        _leases ??= new TenantLeases(this.GetPrimaryKeyString(), limits, usage, time, logger);
        return _leases.LeaseAsync(request);
    }
}
