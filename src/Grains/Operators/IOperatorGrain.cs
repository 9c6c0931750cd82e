using Orleans.Concurrency;

namespace GenAI.Chats.Grains.Operators;

/// <summary>Reads chats of all tenants for operators. The front door checks that the caller is an operator.</summary>
[Alias("GenAI.Chats.IOperatorGrain")]
public interface IOperatorGrain : IGrainWithIntegerKey
{
    /// <summary>Returns a page of chats.</summary>
    [Alias("ListChats")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<ListTenantChatsResponse> ListChatsAsync([Immutable] ListTenantChatsRequest request, CancellationToken cancellationToken = default);

    /// <summary>Returns a chat with its pending turns and its last ended turns.</summary>
    [Alias("GetChat")]
    [AlwaysInterleave]
    [ResponseTimeout("00:00:10")]
    Task<TenantChat> GetChatAsync([Immutable] GetTenantChatRequest request, CancellationToken cancellationToken = default);
}
