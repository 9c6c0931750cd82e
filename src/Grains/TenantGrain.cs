using GenAI.Chats.Engine.Admission;
using GenAI.Chats.Engine.Lists;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.V1;

namespace GenAI.Chats.Grains;

/// <summary>Answers for a tenant from the store, and keeps the ledger of its limits.</summary>
[GrainType("tenant")]
internal sealed class TenantGrain(SessionServices services, ITenantUsageStore usage) : Grain, ITenantGrain
{
    private TenantAccount? _account;

    public Task<ListChatsResponse> ListChatsAsync(ListChatsRequest request, CancellationToken cancellationToken) =>
        new ChatLister(this.GetPrimaryKeyString(), services).ListAsync(request, cancellationToken);

    public ValueTask<TenantGrant> ClaimAsync(TenantClaim claim)
    {
        _account ??= new TenantAccount(this.GetPrimaryKeyString(), services.Admission.Limits, usage, services.Time, services.Log);
        return _account.ClaimAsync(claim);
    }
}
