using GenAI.Chats.Api.Validation;
using GenAI.Chats.Engine.Sessions;

namespace GenAI.Chats.Api.Services;

/// <content>The methods that read and extend histories.</content>
internal sealed partial class ChatsService
{
    /// <inheritdoc/>
    public override async Task<GetHistoryResponse> GetHistory(GetHistoryRequest request, ServerCallContext context)
    {
        FieldRules.CheckNotNegative(request.PageSize, "page_size");
        FieldRules.CheckNotNegative(request.Revision, "revision");
        var key = Key(request.Name, context);
        return await chats.CallAsync(key, async c => await c.GetHistoryAsync(request, context.CancellationToken), context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Chat> RecordHistory(RecordHistoryRequest request, ServerCallContext context)
    {
        rules.Check(request);
        var key = Key(request.Name, context);
        var turn = await AcceptAsync(key, request, context);

        // If other turns are queued, this one waits for them.
        var ended = await EndAsync(key, turn, null, context.CancellationToken);
        return ended.State == Turn.Types.State.Completed
            ? await chats.CallAsync(key, async c => await c.GetAsync(context.CancellationToken), context.CancellationToken)
            : throw RpcErrors.From(ended);
    }

    /// <inheritdoc/>
    public override async Task<ListTurnsResponse> ListTurns(ListTurnsRequest request, ServerCallContext context)
    {
        RequestRules.Check(request);
        var key = Key(request.Name, context);
        return await chats.CallAsync(key, async c => await c.ListTurnsAsync(request, context.CancellationToken), context.CancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<Chat> RewindChat(RewindChatRequest request, ServerCallContext context)
    {
        RequestRules.Check(request);
        var key = Key(request.Name, context);
        request.RequestId = RequestIdOf(request.RequestId);
        return await chats.CallAsync(key, async c => await c.RewindAsync(request), context.CancellationToken);
    }

    private async Task<AcceptedTurn> AcceptAsync(string key, RecordHistoryRequest request, ServerCallContext context)
    {
        using var retry = CheckQuota(key, request.RequestId);
        request.RequestId = RequestIdOf(request.RequestId);
        return await chats.CallAsync(key, c => c.RecordAsync(request), context.CancellationToken);
    }
}
