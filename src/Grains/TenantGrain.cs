using GenAI.Chats.Grains.Admission;
using GenAI.Chats.Grains.Engine;
using GenAI.Chats.V1;
using Orleans.Concurrency;

namespace GenAI.Chats.Grains;

/// <summary>Answers for a tenant from the store, and keeps the ledger of its limits.</summary>
[GrainType("tenant")]
internal sealed class TenantGrain(SessionServices services) : Grain, ITenantGrain
{
    private TenantAccount? _account;

    public async Task<Immutable<ListChatsResponse>> ListChatsAsync(Immutable<ListChatsRequest> request)
    {
        var lister = new ChatLister(this.GetPrimaryKeyString(), services);
        return (await lister.ListAsync(request.Value, CancellationToken.None)).AsImmutable();
    }

    public ValueTask<TenantGrant> ClaimAsync(TenantClaim claim)
    {
        _account ??= new TenantAccount(this.GetPrimaryKeyString(), services.Admission.Limits, services.Store, services.Time, services.Log);
        return _account.ClaimAsync(claim);
    }
}
