using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.GrainStorage;

/// <summary>A server is lost after each write in turn; what another finds then is as if each step had been done whole or not at all.</summary>
public sealed class CrashTests
{
    private static readonly ManualTimeProvider Time = new();

    private static ChatKey Key => Make.Key();

    [Fact]
    public async Task Create_ServerIsLostAfterAnyWrite_ChatIsThereWholeOrNotAndCountedRight()
    {
        for (var writes = 0; await RunAsync(writes, _ => Task.CompletedTask, store => store.CreateAsync(Make.Create(Key, pieces: 9, maxChats: 1)), CheckAsync); writes++)
        {
        }

        static async Task CheckAsync(IStorageBackend store)
        {
            var isThere = await store.LoadAsync(Key, default) is not null;
            Assert.Equal(isThere ? 1 : 0, (await store.ListAsync(new ChatListQuery("default", [], 10, null), default)).Chats.Count);
            if (isThere)
            {
                Assert.Equal(9, (await store.ReadLogAsync(Key, new LogRange(0, 100, long.MaxValue), default))!.Turns.Count);
                await Assert.ThrowsAsync<ChatLimitException>(() => store.CreateAsync(Make.Create(Make.Key("other"), maxChats: 1)));
                Assert.True(await store.DeleteAsync(Key));
            }

            Assert.Null(await store.CreateAsync(Make.Create(Make.Key("other"), maxChats: 1)));
            await Assert.ThrowsAsync<ChatLimitException>(() => store.CreateAsync(Make.Create(Key, maxChats: 1)));
        }
    }

    [Fact]
    public async Task Delete_ServerIsLostAfterAnyWrite_ChatIsThereWholeOrNotAndCountedRight()
    {
        for (var writes = 0; await RunAsync(writes, FillAsync, store => store.DeleteAsync(Key), CheckAsync); writes++)
        {
        }

        static async Task CheckAsync(IStorageBackend store)
        {
            if (await store.LoadAsync(Key, default) is not null)
            {
                Assert.Equal(9, (await store.ReadLogAsync(Key, new LogRange(0, 100, long.MaxValue), default))!.Turns.Count);
                await Assert.ThrowsAsync<ChatLimitException>(() => store.CreateAsync(Make.Create(Make.Key("other"), maxChats: 1)));
                Assert.True(await store.DeleteAsync(Key));
            }

            Assert.Null(await store.CreateAsync(Make.Create(Make.Key("other"), maxChats: 1)));
            await Assert.ThrowsAsync<ChatLimitException>(() => store.CreateAsync(Make.Create(Key, maxChats: 1)));
        }
    }

    [Fact]
    public async Task Turn_ServerIsLostAfterAnyWrite_PendingTurnIsFoundAndEndedOneIsWhole()
    {
        for (var writes = 0; await RunAsync(writes, FillAsync, TurnAsync, CheckAsync); writes++)
        {
        }

        static async Task TurnAsync(IStorageBackend store)
        {
            await store.HeartbeatAsync(Make.Owner, TimeSpan.FromSeconds(5));
            await store.AcceptAsync(Key, Make.Accept(Make.Running(10)));
            await store.KeepProgressAsync(Key, Make.Progress(10));
            var end = Make.End(10, revision: 9);
            await store.EndAsync(Key, end with { HasProgress = true, Head = end.Head with { OpenSequence = 0, Closes = [1, 5] } });
        }

        static async Task CheckAsync(IStorageBackend store)
        {
            var found = await store.AbandonedAsync(10);
            Time.Advance(TimeSpan.FromSeconds(6));
            found = [.. found, .. await store.AbandonedAsync(10)];
            var snapshot = (await store.LoadAsync(Key, default))!;
            var log = (await store.ReadLogAsync(Key, new LogRange(0, 100, long.MaxValue), default))!;
            Assert.Equal(snapshot.Pending.Count > 0, found.Count > 0);
            Assert.Equal(log.Revision, log.Turns.Count);
            Assert.Equal(snapshot.LastSequence - snapshot.Pending.Count, log.Revision);
            Assert.Equal(log.Revision == 10, log.Turns[0].Curated && log.Turns[4].Curated);
            foreach (var turn in log.Turns)
            {
                Assert.Equal(turn.Sequence, (await store.FindRequestAsync(Key, turn.RequestId, default))?.Sequence);
            }
        }
    }

    private static async Task FillAsync(IStorageBackend store)
    {
        await store.CreateAsync(Make.Create(Key, maxChats: 1));
        for (var i = 1; i <= 9; i++)
        {
            await store.AcceptAsync(Key, Make.Accept(Make.Ended(i, i) with { Curated = false }));
        }
    }

    /// <returns>False: the server got through.</returns>
    private static async Task<bool> RunAsync(int writes, Func<IStorageBackend, Task> prepare, Func<IStorageBackend, Task> act, Func<IStorageBackend, Task> check)
    {
        var provider = new MemoryProvider();
        var lost = await Stores.OpenAsync(provider, Time, Stores.Small);
        await prepare(lost);
        await lost.FinishAsync();
        var left = writes;
        var isUp = true;
        provider.Before = operation =>
        {
            isUp &= operation.Verb == "read" || Interlocked.Decrement(ref left) >= 0;
            return isUp ? Task.CompletedTask : Task.FromException(new TimeoutException("This server is lost."));
        };
        var failure = await Record.ExceptionAsync(() => act(lost));
        await lost.FinishAsync();
        provider.Before = static _ => Task.CompletedTask;

        await using var store = await Stores.OpenAsync(provider, Time, Stores.Small);
        await check(store);
        Assert.True(failure is null or ChatStoreException, $"{failure}");
        return left < 0;
    }
}
