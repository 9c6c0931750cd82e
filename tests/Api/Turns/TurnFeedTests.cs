using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Turns;
using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>Feeds, where a whole server would need a broken one behind it.</summary>
public sealed class TurnFeedTests
{
    [Fact]
    public async Task ReadAsync_SlowReader_FeedReadsOnlyWhatIsWanted()
    {
        const int Events = 1000;
        var (read, taken, most) = (0, 0, 0);
        var chats = new ChatCaller(
            ScriptedGrains.Of(_ =>
            {
                var next = new TurnEvent { Offset = Interlocked.Increment(ref read) };
                most = Math.Max(most, read - Volatile.Read(ref taken));
                (next.Chunk, next.Ended) = (read < Events ? new GenerateContentResponse() : null, read == Events ? new Turn() : null);
                return new ValueTask<TurnEvents>(TurnEvents.Of([next], read == Events));
            }),
            TimeProvider.System);
        var feeds = new TurnFeeds(new TurnReader(chats, new ServerState(), TimeProvider.System));

        await foreach (var events in feeds.ReadAsync("chat", "turn", 0, default))
        {
            Interlocked.Add(ref taken, events.Events.Length);
        }

        Assert.Equal((Events, Events), (read, taken));
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task ReadAsync_FeedHasFailedAndAReaderHasNotNoticed_NewReadersGetAnotherFeed()
    {
        var started = new TurnEvent { Offset = 1, Started = new Turn() };
        var failure = new TaskCompletionSource<TurnEvents>();
        var reads = new Queue<Task<TurnEvents>>(
        [
            Task.FromResult(TurnEvents.Of([started], ended: false)),
            failure.Task,
            Task.FromResult(TurnEvents.Of([started, new TurnEvent { Offset = 2, Ended = new Turn() }], ended: true)),
        ]);
        var chats = new ChatCaller(ScriptedGrains.Of(_ => new ValueTask<TurnEvents>(reads.Dequeue())), TimeProvider.System);
        var feeds = new TurnFeeds(new TurnReader(chats, new ServerState(), TimeProvider.System));
        await using var slow = feeds.ReadAsync("chat", "turn", 0, default).GetAsyncEnumerator();
        await using var quick = feeds.ReadAsync("chat", "turn", 0, default).GetAsyncEnumerator();
        Assert.True(await slow.MoveNextAsync());
        Assert.True(await quick.MoveNextAsync());

        failure.SetException(new ChatException(Code.Unavailable, "STORE_UNAVAILABLE", "scripted"));
        await Assert.ThrowsAsync<ChatException>(async () => await quick.MoveNextAsync());

        var offsets = new List<long>();
        await foreach (var events in feeds.ReadAsync("chat", "turn", 0, default))
        {
            offsets.AddRange(events.Decode().Select(next => next.Offset));
        }

        Assert.Equal([1L, 2], offsets);
        await Assert.ThrowsAsync<ChatException>(async () => await slow.MoveNextAsync());
    }
}
