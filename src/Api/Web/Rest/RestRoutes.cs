using GenAI.Chats.Api.Services;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Api.Web.Rest;

/// <summary>The routes of the REST API: one for each method of the contract. The file chats_http.yaml has the same rules, for gateways.</summary>
internal static class RestRoutes
{
    private const string Chat = "/v1/{name=chats/*}";
    private const string OneTurn = $"{Chat}/turns/{{turn_id}}";
    private const string None = "";

    /// <summary>Gets the routes.</summary>
    public static IReadOnlyList<RestRoute> All { get; } =
    [
        Post<CreateChatRequest, Chat>(nameof(ChatsService.CreateChat), "/v1/chats", static service => service.CreateChat),
        Get<ListChatsRequest, ListChatsResponse>(nameof(ChatsService.ListChats), "/v1/chats", static service => service.ListChats),
        Get<GetChatRequest, Chat>(nameof(ChatsService.GetChat), Chat, static service => service.GetChat),
        new UnaryRoute<UpdateChatRequest, Chat>(nameof(ChatsService.UpdateChat), HttpMethods.Patch, "/v1/{chat.name=chats/*}", "chat", static service => service.UpdateChat),
        new UnaryRoute<DeleteChatRequest, Empty>(nameof(ChatsService.DeleteChat), HttpMethods.Delete, Chat, None, static service => service.DeleteChat),
        Post<SendMessageRequest, SendMessageResponse>(nameof(ChatsService.SendMessage), $"{Chat}:sendMessage", static service => service.SendMessage),
        new StreamRoute<SendMessageRequest>(
            nameof(ChatsService.SendMessageStream), HttpMethods.Post, $"{Chat}:sendMessageStream", RestRoute.WholeBody, static service => service.SendMessageStream),
        new StreamRoute<ReadTurnRequest>(nameof(ChatsService.ReadTurn), HttpMethods.Get, $"{OneTurn}:read", None, static service => service.ReadTurn),
        Get<GetTurnRequest, Turn>(nameof(ChatsService.GetTurn), OneTurn, static service => service.GetTurn),
        Post<CancelTurnRequest, Turn>(nameof(ChatsService.CancelTurn), $"{OneTurn}:cancel", static service => service.CancelTurn),
        Get<ListTurnsRequest, ListTurnsResponse>(nameof(ChatsService.ListTurns), $"{Chat}/turns", static service => service.ListTurns),
        Get<GetHistoryRequest, GetHistoryResponse>(nameof(ChatsService.GetHistory), $"{Chat}/history", static service => service.GetHistory),
        Post<RecordHistoryRequest, Chat>(nameof(ChatsService.RecordHistory), $"{Chat}:recordHistory", static service => service.RecordHistory),
        Post<RewindChatRequest, Chat>(nameof(ChatsService.RewindChat), $"{Chat}:rewind", static service => service.RewindChat),
        Post<ForkChatRequest, Chat>(nameof(ChatsService.ForkChat), $"{Chat}:fork", static service => service.ForkChat),
        new StreamRoute<WatchChatRequest>(nameof(ChatsService.WatchChat), HttpMethods.Get, $"{Chat}:watch", None, static service => service.WatchChat),
    ];

    private static UnaryRoute<TRequest, TResponse> Get<TRequest, TResponse>(string rpc, string path, Func<ChatsService, UnaryServerMethod<TRequest, TResponse>> select)
        where TRequest : class, IMessage
        where TResponse : class, IMessage => new(rpc, HttpMethods.Get, path, None, select);

    private static UnaryRoute<TRequest, TResponse> Post<TRequest, TResponse>(string rpc, string path, Func<ChatsService, UnaryServerMethod<TRequest, TResponse>> select)
        where TRequest : class, IMessage
        where TResponse : class, IMessage => new(rpc, HttpMethods.Post, path, RestRoute.WholeBody, select);
}
