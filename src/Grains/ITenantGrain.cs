using GenAI.Chats.V1;
using Orleans.Concurrency;

namespace GenAI.Chats.Grains;

/// <summary>What is asked of all chats of a tenant. Its key is the tenant. It holds nothing: the store answers.</summary>
[Alias("GenAI.Chats.ITenantGrain")]
public interface ITenantGrain : IGrainWithStringKey
{
    /// <summary>A page of the tenant's chats, newest change first, without their configs.</summary>
    [Alias("ListChats")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<Immutable<ListChatsResponse>> ListChatsAsync(Immutable<ListChatsRequest> request);
}
