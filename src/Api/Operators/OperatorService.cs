using GenAI.Chats.Api.Identity;
using GenAI.Chats.Api.Services;
using GenAI.Chats.Api.Turns;
using GenAI.Chats.Api.Validation;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Api.Operators;

/// <summary>The gRPC service for operators. Its changes are the methods of <see cref="ChatsService"/>, for the chat of another tenant.</summary>
[BindServiceMethod(typeof(OperatorBinder), nameof(OperatorBinder.BindService))]
internal sealed class OperatorService(ChatCaller chats, ServerAccess access, ILogger<OperatorService> logger) : V1.Operator.OperatorBase
{
    /// <inheritdoc/>
    public override async Task<ListTenantChatsResponse> ListTenantChats(ListTenantChatsRequest request, ServerCallContext context)
    {
        var caller = OperatorOf(context);
        FieldRules.CheckNotNegative(request.PageSize, "page_size");
        FieldRules.CheckDefined(request.Activity, "activity");
        FieldRules.Require(request.ChangedBefore is null || FieldRules.IsValid(request.ChangedBefore), "changed_before", "must be between the years 1970 and 9999");
        FieldRules.Require(request.Tenant.Length == 0 || TenantName.IsValid(request.Tenant), "tenant", TenantRule);
        OperatorLog.Called(logger, caller, nameof(ListTenantChats), request.Tenant, null, null);
        return await chats.CallOperatorAsync(async o => await o.ListChatsAsync(request, context.CancellationToken), context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<TenantChat> GetTenantChat(GetTenantChatRequest request, ServerCallContext context)
    {
        Begin(context, nameof(GetTenantChat), request.Tenant, request.Name);
        return await chats.CallOperatorAsync(async o => await o.GetChatAsync(request, context.CancellationToken), context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Turn> CancelTenantTurn(CancelTenantTurnRequest request, ServerCallContext context)
    {
        FieldRules.CheckTurnId(request.TurnId);
        var key = Begin(context, nameof(CancelTenantTurn), request.Tenant, request.Name, request.TurnId);
        return await chats.CallAsync(key, async c => await c.CancelTurnAsync(request.TurnId), context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Empty> DeleteTenantChat(DeleteTenantChatRequest request, ServerCallContext context)
    {
        FieldRules.CheckRequestId(request.RequestId);
        var key = Begin(context, nameof(DeleteTenantChat), request.Tenant, request.Name);
        var requestId = ChatsService.RequestIdOf(request.RequestId);
        var existed = await chats.CallAsync(key, async c => await c.DeleteAsync(requestId), context.CancellationToken);
        return existed || request.AllowMissing ? new Empty() : throw RpcErrors.ChatNotFound(request.Name);
    }

    private static string TenantRule { get; } = $"must be {TenantName.Rule}";

    // Checks the caller and the chat's name, and logs the call.
    private string Begin(ServerCallContext context, string method, string tenant, string name, string? turnId = null)
    {
        var caller = OperatorOf(context);
        FieldRules.Require(TenantName.IsValid(tenant), "tenant", TenantRule);
        var chatId = ChatName.IdOf(name, "name");
        OperatorLog.Called(logger, caller, method, tenant, chatId, turnId);
        return $"{tenant}/{chatId}";
    }

    // With authentication, the authorization policy has checked it already.
    private string OperatorOf(ServerCallContext context) =>
        Caller.OperatorOf(context.GetHttpContext()) ?? (access.IsOpenToThisMachineOnly ? "local" : throw Caller.OperatorRequired());
}
