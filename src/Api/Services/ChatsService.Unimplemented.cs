namespace GenAI.Chats.Api.Services;

/// <content>The methods that this version doesn't support.</content>
internal sealed partial class ChatsService
{
    /// <inheritdoc/>
    public override Task WatchChat(WatchChatRequest request, IServerStreamWriter<ChatEvent> responseStream, ServerCallContext context) =>
        throw RpcErrors.UnimplementedMethod(nameof(WatchChat));
}
