using GenAI.Chats.Engine.Admission;
using GenAI.Chats.Engine.Lists;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.V1;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Grains;

/// <summary>Lists a tenant's chats, and keeps the ledger of its limits.</summary>
[GrainType("tenant")]
internal sealed class TenantGrain(StoreReader store, ITenantUsageStore usage, AdmissionLimits limits, TimeProvider time, ILogger<TenantGrain> logger) : Grain, ITenantGrain
{
    private TenantAccount? _account;

    public Task<ListChatsResponse> ListChatsAsync(ListChatsRequest request, CancellationToken cancellationToken) =>
        new ChatLister(this.GetPrimaryKeyString(), store).ListAsync(request, cancellationToken);

    public ValueTask<TenantGrant> ClaimAsync(TenantClaim claim)
    {
        _account ??= new TenantAccount(this.GetPrimaryKeyString(), limits, usage, time, logger);
        return _account.ClaimAsync(claim);
    }
}
