using GenAI.Chats.Engine.Operators;
using Orleans.Concurrency;

namespace GenAI.Chats.Grains.Operators;

/// <summary>Reads from the store on any silo, without activating chats.</summary>
[GrainType("operator")]
[StatelessWorker]
internal sealed class OperatorGrain(TenantChats chats) : Grain, IOperatorGrain
{
    public Task<ListTenantChatsResponse> ListChatsAsync(ListTenantChatsRequest request, CancellationToken cancellationToken) => chats.ListAsync(request, cancellationToken);

    public Task<TenantChat> GetChatAsync(GetTenantChatRequest request, CancellationToken cancellationToken) =>
        chats.GetAsync(ChatKey.OfName(request.Tenant, request.Name), cancellationToken);
}
