namespace GenAI.Chats.Grains.Quotas;

/// <summary>Requests leases on tenants' limits.</summary>
internal interface ILeaseSource
{
    /// <summary>Requests a lease. Fails if the tenant's grain can't be reached.</summary>
    Task<Lease> LeaseAsync(string tenant, LeaseRequest request);
}

/// <summary>Requests leases from the tenants' grains.</summary>
internal sealed class GrainLeaseSource(IGrainFactory grains) : ILeaseSource
{
    public Task<Lease> LeaseAsync(string tenant, LeaseRequest request) => grains.GetGrain<ITenantGrain>(tenant).LeaseAsync(request).AsTask();
}
