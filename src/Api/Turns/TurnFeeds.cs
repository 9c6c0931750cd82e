using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using GenAI.Chats.Engine.Chunks;

namespace GenAI.Chats.Api.Turns;

/// <summary>The feeds of the turns that clients of this process read. A feed exists while it has readers.</summary>
internal sealed class TurnFeeds(TurnReader turns)
{
    private readonly ConcurrentDictionary<(string GrainKey, string TurnId), TurnFeed> _feeds = new();

    /// <inheritdoc cref="TurnFeed.ReadAsync"/>
    public async IAsyncEnumerable<TurnEvents> ReadAsync(
        string grainKey, string turnId, long afterOffset, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var key = (grainKey, turnId);
        var feed = Enter(key);
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

    private TurnFeed Enter((string GrainKey, string TurnId) key)
    {
        while (true)
        {
            var feed = _feeds.GetOrAdd(key, static (k, t) => new TurnFeed(k.GrainKey, k.TurnId, t), turns);
            if (feed.TryEnter())
            {
                return feed;
            }

            _feeds.TryRemove(new(key, feed));
        }
    }
}
