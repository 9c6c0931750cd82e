using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using GenAI.Chats.Api.Turns;
using GenAI.Chats.Engine.Sessions.State;
using Detail = GenAI.Chats.V1.WatchChatRequest.Types.Detail;

namespace GenAI.Chats.Api.Watching;

/// <summary>The feeds of the chats that clients of this process watch. A feed exists while it has watchers.</summary>
internal sealed class ChatFeeds(ChatCaller chats, ServerState server, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string GrainKey, Detail Detail), ChatFeed> _feeds = new();

    /// <summary>
    /// Reads the events of a chat after a position from its feed, until the chat is deleted. Ends earlier if the feed doesn't have the next event: the watcher is too
    /// slow, or events came in another order.
    /// </summary>
    /// <param name="grainKey">The chat.</param>
    /// <param name="detail">Which events are read.</param>
    /// <param name="token">The position, at which the chat was a moment ago.</param>
    /// <param name="cancellationToken">A token to cancel the reads.</param>
    public async IAsyncEnumerable<FeedRead> ReadAsync(
        string grainKey, Detail detail, string token, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var feed = Enter((grainKey, detail), token);
        try
        {
            var place = await feed.FindAsync(token, cancellationToken);
            while (place is { } known && await feed.ReadAsync(known, cancellationToken) is { } read)
            {
                yield return read;
                place = read.IsOver ? null : read.Place;
            }
        }
        finally
        {
            if (feed.Leave())
            {
                _feeds.TryRemove(new((grainKey, detail), feed));
                feed.Dispose();
            }
        }
    }

    private ChatFeed Enter((string GrainKey, Detail Detail) key, string token)
    {
        while (true)
        {
            var feed = _feeds.GetOrAdd(
                key, static (k, f) => new ChatFeed(k.GrainKey, k.Detail, f.token, f.chats, f.server, f.time), (token, chats, server, time));
            if (feed.TryEnter())
            {
                return feed;
            }

            _feeds.TryRemove(new(key, feed));
        }
    }
}
