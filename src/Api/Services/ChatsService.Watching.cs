using GenAI.Chats.Api.Validation;

namespace GenAI.Chats.Api.Services;

/// <content>The method that watches chats.</content>
internal sealed partial class ChatsService
{
    /// <summary>The method of the contract, with encoded events: see <see cref="EventStreams"/>.</summary>
    public async Task WatchChat(WatchChatRequest request, IServerStreamWriter<byte[]> responseStream, ServerCallContext context)
    {
        var key = Key(request.Name, context);
        FieldRules.CheckDefined(request.Detail, "detail");
        await foreach (var events in watcher.ReadAsync(key, request, context.CancellationToken))
        {
            await callers.SendAsync(responseStream, events, context);
        }
    }
}
