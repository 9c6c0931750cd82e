using GenAI.Chats.Api.Turns;
using GenAI.Chats.Api.Validation;
using GenAI.Chats.Api.Watching;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Storage;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Api.Services;

/// <summary>The gRPC service: checks a request, calls the chat, and responds.</summary>
[BindServiceMethod(typeof(CheckingBinder), nameof(CheckingBinder.BindService))]
internal sealed partial class ChatsService(
    ChatCaller chats, TurnReader turns, TurnFeeds feeds, ChatWatcher watcher, CallerWrites callers, RequestRules rules, ITenantQuotas? quotas = null) : V1.Chats.ChatsBase
{
    /// <inheritdoc/>
    public override async Task<Chat> CreateChat(CreateChatRequest request, ServerCallContext context)
    {
        rules.Check(request);
        var tenant = TenantOf(context);
        var chatId = request.ChatId.Length > 0 ? request.ChatId : ChatName.NewId(tenant, request.RequestId);

        // If the call to the chat is repeated, the chat must recognize its own creation.
        request.RequestId = RequestIdOf(request.RequestId);
        return await chats.CallAsync(Key(tenant, chatId), async c => await c.CreateAsync(request), context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Chat> GetChat(GetChatRequest request, ServerCallContext context) =>
        await chats.CallAsync(Key(request.Name, context), async c => await c.GetAsync(context.CancellationToken), context.CancellationToken);

    /// <inheritdoc/>
    public override async Task<Chat> UpdateChat(UpdateChatRequest request, ServerCallContext context)
    {
        rules.Check(request);
        var key = Key(request.Chat.Name, context, "chat.name");
        return await chats.CallAsync(key, async c => await c.UpdateAsync(request), context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<ListChatsResponse> ListChats(ListChatsRequest request, ServerCallContext context)
    {
        FieldRules.CheckNotNegative(request.PageSize, "page_size");
        return await chats.CallTenantAsync(TenantOf(context), async t => await t.ListChatsAsync(request, context.CancellationToken), context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Empty> DeleteChat(DeleteChatRequest request, ServerCallContext context)
    {
        var key = Key(request.Name, context);
        FieldRules.CheckRequestId(request.RequestId);
        var requestId = RequestIdOf(request.RequestId);
        var existed = await chats.CallAsync(key, async c => await c.DeleteAsync(requestId), context.CancellationToken);
        return existed || request.AllowMissing ? new Empty() : throw RpcErrors.ChatNotFound(request.Name);
    }

    /// <inheritdoc/>
    public override async Task<Chat> ForkChat(ForkChatRequest request, ServerCallContext context)
    {
        rules.Check(request);
        var (tenant, _) = (TenantOf(context), ChatName.IdOf(request.Name, "name"));
        var chatId = request.ChatId.Length > 0 ? request.ChatId : ChatName.NewId(tenant, request.RequestId);
        request.RequestId = RequestIdOf(request.RequestId);
        return await chats.CallAsync(Key(tenant, chatId), async c => await c.ForkAsync(request), context.CancellationToken);
    }

    private static string Key(string name, ServerCallContext context, string field = "name") =>
        Key(TenantOf(context), ChatName.IdOf(name, field));

    private static string Key(string tenant, string chatId) => $"{tenant}/{chatId}";

    // Only the caller's credentials determine the tenant, not the request.
    private static string TenantOf(ServerCallContext context) => Caller.TenantOf(context.GetHttpContext());

    // If this process hosts chats, it rejects sends over a limit without loading their chats.
    private IDisposable? CheckQuota(string key, string requestId) => quotas?.Check(ChatKey.Parse(key).Tenant, requestId.Length > 0);

    // The client's ID, or a new one, so that a repeated call to the chat is recognized.
    internal static string RequestIdOf(string requestId) => requestId.Length > 0 ? requestId : Guid.CreateVersion7().ToString("N");
}
