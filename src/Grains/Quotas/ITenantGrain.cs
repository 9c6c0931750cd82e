using Orleans.Concurrency;

namespace GenAI.Chats.Grains.Quotas;

/// <summary>A tenant: the list of its chats, and its quota. The key is the tenant's name.</summary>
[Alias("GenAI.Chats.ITenantGrain")]
public interface ITenantGrain : IGrainWithStringKey
{
    /// <summary>Returns a page of the tenant's chats, the most recently changed first, without their configs.</summary>
    [Alias("ListChats")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<ListChatsResponse> ListChatsAsync([Immutable] ListChatsRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Leases a server a part of the tenant's limits. Servers renew their leases before they expire. The grain keeps leases in memory only: a new activation
    /// knows them again when all servers have renewed them.
    /// </summary>
    [Alias("Lease")]
    [ResponseTimeout("00:00:05")]
    ValueTask<Lease> LeaseAsync(LeaseRequest request);
}
