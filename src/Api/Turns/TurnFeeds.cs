using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using GenAI.Chats.Grains;

namespace GenAI.Chats.Api.Turns;

/// <summary>The turns that clients of this process read, one feed each, for as long as anybody reads.</summary>
internal sealed class TurnFeeds(ChatCaller chats)
{
    private readonly ConcurrentDictionary<(string GrainKey, string TurnId), TurnFeed> _feeds = new();

    /// <summary>A turn's events after an offset, up to its last one, as they come: those that are there at once come together.</summary>
    public IAsyncEnumerable<TurnEvents> ReadAsync(string grainKey, string turnId, long afterOffset, CancellationToken cancellationToken) =>
        ReadAsync(grainKey, new AcceptedTurn(turnId, ""), afterOffset, cancellationToken);

    /// <summary>All events of a turn that was accepted just now.</summary>
    public IAsyncEnumerable<TurnEvents> ReadAsync(string grainKey, in AcceptedTurn turn, CancellationToken cancellationToken) =>
        ReadAsync(grainKey, turn, afterOffset: 0, cancellationToken);

    private async IAsyncEnumerable<TurnEvents> ReadAsync(
        string grainKey, AcceptedTurn turn, long afterOffset, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var key = (grainKey, turn.TurnId);
        var feed = Enter(key, turn.Ready);
        try
        {
            await foreach (var next in feed.ReadAsync(afterOffset, cancellationToken))
            {
                yield return next;
            }
        }
        finally
        {
            if (feed.Leave())
            {
                _feeds.TryRemove(new(key, feed));
                feed.Dispose();
            }
        }
    }

    private TurnFeed Enter((string GrainKey, string TurnId) key, TurnEvents ready)
    {
        while (true)
        {
            var feed = _feeds.GetOrAdd(key, static (k, with) => new TurnFeed(k.GrainKey, k.TurnId, with.ready, with.chats), (ready, chats));
            if (feed.TryEnter())
            {
                return feed;
            }

            _feeds.TryRemove(new(key, feed));
        }
    }
}
