using GenAI.Chats.Engine.Admission;
using GenAI.Chats.V1;
using Orleans.Concurrency;

namespace GenAI.Chats.Grains;

/// <summary>What is asked of all chats of a tenant. Its key is the tenant.</summary>
[Alias("GenAI.Chats.ITenantGrain")]
public interface ITenantGrain : IGrainWithStringKey
{
    /// <summary>A page of the tenant's chats, newest change first, without their configs.</summary>
    [Alias("ListChats")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<ListChatsResponse> ListChatsAsync([Immutable] ListChatsRequest request, CancellationToken cancellationToken = default);

    /// <summary>
    /// Gives a server its part of the tenant's limits. Claims are made again before what was given ends; what the grain knows of them goes with its
    /// activation, and is there again when all servers have claimed.
    /// </summary>
    [Alias("Claim")]
    [ResponseTimeout("00:00:05")]
    ValueTask<TenantGrant> ClaimAsync(TenantClaim claim);
}
