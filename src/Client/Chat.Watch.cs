using System.Runtime.CompilerServices;

namespace GenAI.Chats.Client;

/// <content>Following a chat.</content>
public sealed partial class Chat
{
    /// <summary>
    /// Follows the chat: its state, and its turns as they are accepted, start, progress, and end, no matter which client sent them. The first event has the
    /// chat's state. The stream ends with the event that the chat was deleted, or has expired. It resumes where it broke off if the connection or the server
    /// fails.
    /// </summary>
    /// <param name="token">The token of the last event that you have. If null, the stream starts with the turns that are queued or running.</param>
    /// <param name="detail">Which events to return. Default: all.</param>
    /// <param name="cancellationToken">A token to end the stream.</param>
    /// <exception cref="ChatException">The chat doesn't exist, or the service rejected the request or couldn't be reached.</exception>
    public async IAsyncEnumerable<ChatEvent> WatchAsync(
        string? token = null,
        WatchChatRequest.Types.Detail detail = WatchChatRequest.Types.Detail.Unspecified,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var budget = new TimeBudget(Timeout.InfiniteTimeSpan, _calls.Time, cancellationToken);
        var request = new WatchChatRequest { Name = Name, Token = token ?? "", Detail = detail };
        await foreach (var next in new ChatEventStream(_calls, budget, request).ReadAsync().ConfigureAwait(false))
        {
            yield return next;
        }
    }

    /// <inheritdoc cref="WatchAsync"/>
    public IEnumerable<ChatEvent> Watch(
        string? token = null, WatchChatRequest.Types.Detail detail = WatchChatRequest.Types.Detail.Unspecified) =>
        WatchAsync(token, detail).ToBlockingEnumerable();
}
