using System.Diagnostics;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.TestKit.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Storage.Tests.Redis;

/// <summary>Redis crashes, freezes, or has no memory left. What was acknowledged stays, and a step that is sent again is done once.</summary>
public sealed class RedisFailureTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private ServiceProvider _services = null!;
    private IStorageBackend _store = null!;

    private static ChatKey Key => Make.Key();

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartNewAsync();
        _services = RedisStore.Create(new ManualTimeProvider(), _redis.ConnectionString + ",asyncTimeout=500");
        _store = await _services.OpenAsync();
        await _store.CreateAsync(Make.Create(Key));
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Crash_InTheMiddleOfCommits_KeepsWhatWasAcknowledgedAndARetryGivesOneTurn()
    {
        const int Rounds = 3;
        const int TurnsBetween = 5;
        var writers = Enumerable.Range(0, 8).Select(i => new Writer(_store, Make.Key($"chat-{i}"))).ToList();
        await Task.WhenAll(writers.Select(writer => _store.CreateAsync(Make.Create(writer.Key))));
        var running = writers.ConvertAll(writer => Task.Run(writer.RunAsync));
        for (var round = 0; round < Rounds; round++)
        {
            await Task.WhenAll(writers.Select(writer => writer.ReachAsync(TurnsBetween)));
            await _redis.CrashAsync();
            await _redis.StartAsync();
        }

        await Task.WhenAll(writers.Select(writer => writer.ReachAsync(TurnsBetween)));
        writers.ForEach(writer => writer.Stop());
        await Task.WhenAll(running);

        await using var other = RedisStore.Create(new ManualTimeProvider(), _redis.ConnectionString);
        var reader = await other.OpenAsync();
        foreach (var writer in writers)
        {
            var log = (await reader.ReadLogAsync(writer.Key, new LogRange(0, 10_000, long.MaxValue), CancellationToken.None))!;
            Assert.Equal(Enumerable.Range(1, (int)writer.Acknowledged).Select(i => (long)i), log.Turns.Select(turn => turn.Revision));
        }
    }

    [Fact]
    public async Task Freeze_Step_FailsInBoundedTimeAndIsDoneOnceAfterTheThaw()
    {
        await _redis.FreezeAsync();
        var clock = Stopwatch.StartNew();
        await Assert.ThrowsAsync<ChatStoreException>(() => _store.AcceptAsync(Key, Make.Accept(Make.Queued(1))));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        await _redis.ThawAsync();

        // The step that failed was done after all, or not; sent again, it is there once.
        await _store.AcceptAsync(Key, Make.Accept(Make.Queued(1)));
        Assert.Equal(1, (await _store.LoadAsync(Key, CancellationToken.None))!.LastSequence);
    }

    [Fact]
    public async Task Crash_Read_FailsInBoundedTimeAndStepsAreDoneOnceItIsBack()
    {
        await _redis.CrashAsync();
        var clock = Stopwatch.StartNew();
        await Assert.ThrowsAsync<ChatStoreException>(() => _store.LoadAsync(Key, CancellationToken.None));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        await _redis.StartAsync();

        Assert.Null(await _store.AcceptAsync(Key, Make.Accept(Make.Queued(1))));
        Assert.Equal(1, (await _store.LoadAsync(Key, CancellationToken.None))!.LastSequence);
    }

    [Fact]
    public async Task OutOfMemory_Steps_FailAndLoseNothing()
    {
        await _store.AcceptAsync(Key, Make.Accept(Make.Ended(1, 1)));
        await _redis.ExecuteAsync("CONFIG SET maxmemory 1");

        await Assert.ThrowsAsync<ChatStoreException>(() => _store.AcceptAsync(Key, Make.Accept(Make.Ended(2, 2))));
        await Assert.ThrowsAsync<ChatStoreException>(() => _store.CreateAsync(Make.Create(Make.Key("other"))));
        await Assert.ThrowsAsync<ChatStoreException>(() => _store.DeleteAsync(Key));
        Assert.Equal(1, (await _store.LoadAsync(Key, CancellationToken.None))!.LastSequence);

        await _redis.ExecuteAsync("CONFIG SET maxmemory 0");
        Assert.Null(await _store.AcceptAsync(Key, Make.Accept(Make.Ended(2, 2))));
        var log = (await _store.ReadLogAsync(Key, new LogRange(0, 10, long.MaxValue), CancellationToken.None))!;
        Assert.Equal([1L, 2L], log.Turns.Select(turn => turn.Revision));
    }

    /// <summary>Adds turns to a chat, each again until it is acknowledged.</summary>
    private sealed class Writer(IStorageBackend store, ChatKey key)
    {
        private readonly Lock _gate = new();
        private volatile bool _isStopped;
        private (long Goal, TaskCompletionSource Source) _wait = (long.MaxValue, new TaskCompletionSource());
        private long _acknowledged;

        public ChatKey Key => key;

        public long Acknowledged => Volatile.Read(ref _acknowledged);

        /// <summary>Waits until more turns have been acknowledged.</summary>
        public Task ReachAsync(int more)
        {
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_gate)
            {
                _wait = (_acknowledged + more, source);
            }

            return source.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }

        public void Stop() => _isStopped = true;

        public async Task RunAsync()
        {
            while (!_isStopped)
            {
                var next = Acknowledged + 1;
                try
                {
                    await store.AcceptAsync(key, Make.Accept(Make.Ended(next, next)));
                }
                catch (ChatStoreException)
                {
                    continue;
                }

                lock (_gate)
                {
                    _acknowledged = next;
                    if (next >= _wait.Goal)
                    {
                        _wait.Source.TrySetResult();
                    }
                }
            }
        }
    }
}
