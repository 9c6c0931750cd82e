using GenAI.Chats.Api.Turns;
using GenAI.Chats.Api.Validation;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace GenAI.Chats.Api.Services;

/// <summary>The service of the contract: checks a request, calls the chat, answers.</summary>
[BindServiceMethod(typeof(CheckingBinder), nameof(CheckingBinder.BindService))]
internal sealed partial class ChatsService(
    ChatCaller chats, TurnReader turns, TurnFeeds feeds, CallerWrites callers, RequestRules rules, ITenantQuotas? quotas = null) : V1.Chats.ChatsBase
{
    /// <inheritdoc/>
    public override async Task<Chat> CreateChat(CreateChatRequest request, ServerCallContext context)
    {
        rules.Check(request);
        var tenant = Tenant.Of(context);
        var chatId = request.ChatId.Length > 0 ? request.ChatId : ChatName.NewId(tenant, request.RequestId);

        // The call to the chat may be made again: it must know its own creation.
        request.RequestId = RequestId.OrNew(request.RequestId);
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
        return await chats.CallTenantAsync(Tenant.Of(context), async t => await t.ListChatsAsync(request, context.CancellationToken), context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Empty> DeleteChat(DeleteChatRequest request, ServerCallContext context)
    {
        var key = Key(request.Name, context);
        FieldRules.CheckRequestId(request.RequestId);
        var requestId = RequestId.OrNew(request.RequestId);
        var existed = await chats.CallAsync(key, async c => await c.DeleteAsync(requestId), context.CancellationToken);
        return existed || request.AllowMissing ? new Empty() : throw Errors.RpcErrors.From(ChatMissing(request.Name));
    }

    private static string Key(string name, ServerCallContext context, string field = "name") =>
        Key(Tenant.Of(context), ChatName.IdOf(name, field));

    private static string Key(string tenant, string chatId) => $"{tenant}/{chatId}";

    // If this process hosts chats, it rejects sends over a limit without loading their chats.
    private IDisposable? CheckQuota(string key, string requestId) => quotas?.Check(ChatKey.Parse(key).Tenant, requestId.Length > 0);

    private static ChatException ChatMissing(string name) => new(Google.Rpc.Code.NotFound, "CHAT_NOT_FOUND", $"There is no chat {name}.");
}
