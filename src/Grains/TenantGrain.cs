using GenAI.Chats.Grains.Engine;
using GenAI.Chats.V1;
using Orleans.Concurrency;

namespace GenAI.Chats.Grains;

/// <summary>Answers for a tenant from the store.</summary>
[GrainType("tenant")]
internal sealed class TenantGrain(SessionServices services) : Grain, ITenantGrain
{
    public async Task<Immutable<ListChatsResponse>> ListChatsAsync(Immutable<ListChatsRequest> request)
    {
        var lister = new ChatLister(this.GetPrimaryKeyString(), services);
        return (await lister.ListAsync(request.Value, CancellationToken.None)).AsImmutable();
    }
}
