using System.Runtime.CompilerServices;
using GenAI.Chats.Api.Turns;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Watching;
using Detail = GenAI.Chats.V1.WatchChatRequest.Types.Detail;

namespace GenAI.Chats.Api.Watching;

/// <summary>
/// Watches chats for clients. A watcher that has everything shares a feed. One that begins, or that was too slow for the feed, reads from the chat until it has
/// everything; so it holds only the events that it is sending.
/// </summary>
internal sealed class ChatWatcher(ChatCaller chats, ChatFeeds feeds, ServerState server, TimeProvider time)
{
    /// <summary>Reads the events of a chat after the position of the request's token, until the chat is deleted. Events that are available together are returned together.</summary>
    public async IAsyncEnumerable<byte[][]> ReadAsync(
        string grainKey, WatchChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var detail = request.Detail is Detail.Unspecified ? Detail.Full : request.Detail;
        var token = request.Token;
        if (token.Length > 0)
        {
            // A token that isn't one activates no chat.
            WatchToken.Check(token, ChatKey.Parse(grainKey));
        }

        var last = time.GetTimestamp();
        for (var isFirst = true; ; isFirst = false)
        {
            var next = await ReadAsync(grainKey, token, detail, isFirst, cancellationToken);
            token = next.Token;
            if (next.Events.Length > 0)
            {
                yield return next.Events;
                last = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(last) >= ChatFeed.IdleAfter)
            {
                yield return [ChatEventBytes.Idle(token)];
                last = time.GetTimestamp();
            }

            if (next.IsOver)
            {
                yield break;
            }

            if (!next.IsCurrent)
            {
                continue;
            }

            await foreach (var read in feeds.ReadAsync(grainKey, detail, token, cancellationToken))
            {
                token = read.Token;
                yield return read.Events;
                last = time.GetTimestamp();
                if (read.IsOver)
                {
                    yield break;
                }
            }
        }
    }

    // Ends with the server: a chat on another silo would wait for events.
    private async Task<WatchEvents> ReadAsync(string grainKey, string token, Detail detail, bool isFirst, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, server.Release);
        var request = new WatchChatRequest { Token = token, Detail = detail };
        try
        {
            return await chats.CallAsync(grainKey, c => c.WatchAsync(request, isFirst), over.Token);
        }
        catch (OperationCanceledException) when (server.Release.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw RpcErrors.Stopping();
        }
    }
}
