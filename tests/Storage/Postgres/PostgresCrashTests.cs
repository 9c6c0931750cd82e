using System.Collections.Concurrent;
using System.Diagnostics;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Postgres;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.TestKit.Postgres;

namespace GenAI.Chats.Storage.Tests.Postgres;

/// <summary>A server that ends in the middle of what it does, and comes back.</summary>
public sealed class PostgresCrashTests : IAsyncLifetime
{
    private const int Chats = 16;

    private PostgresServer _server = null!;
    private PostgresDatabase _database = null!;
    private PostgresChatStore _store = null!;

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.StartNewAsync();
        _database = await PostgresDatabase.CreateAsync(_server);
        _store = await _database.OpenAsync();
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _database.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Crash_InTheMiddleOfCommits_KeepsWhatWasAcknowledgedAndARetryGivesOneTurn()
    {
        var keys = Enumerable.Range(0, Chats).Select(i => Make.Key($"chat-{i}")).ToList();
        await Task.WhenAll(keys.Select(key => _store.CreateAsync(Make.Create(key))));
        for (var round = 1; round <= 3; round++)
        {
            var acknowledged = new ConcurrentDictionary<ChatKey, long>();
            foreach (var key in keys)
            {
                acknowledged[key] = (await _store.LoadAsync(key, CancellationToken.None))!.LastSequence;
            }

            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var writers = keys.Select(key => WriteAsync(key, acknowledged, enough)).ToList();

            await enough.Task;
            await _server.CrashAsync();
            await Task.WhenAll(writers);
            await _server.StartAsync();

            foreach (var key in keys)
            {
                // The step that failed was done or not; sent again, it is there once.
                var last = (await _store.LoadAsync(key, CancellationToken.None))!.LastSequence;
                Assert.InRange(last, acknowledged[key], acknowledged[key] + 1);
                var retried = await _store.AcceptAsync(key, Make.Accept(Make.Queued(acknowledged[key] + 1)));
                Assert.Equal(last == acknowledged[key], retried is null);
                Assert.Equal(acknowledged[key] + 1, (await _store.LoadAsync(key, CancellationToken.None))!.LastSequence);
            }
        }
    }

    [Fact]
    public async Task ServerIsGone_EveryCall_FailsInBoundedTimeAndWorksAgainOnceItIsBack()
    {
        await _store.CreateAsync(Make.Create(Make.Key()));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _store.LoadAsync(Make.Key(), CancellationToken.None)));
        await _server.CrashAsync();

        var time = Stopwatch.StartNew();
        await Assert.ThrowsAsync<ChatStoreException>(() => _store.AcceptAsync(Make.Key(), Make.Accept(Make.Queued(1))));
        await Assert.ThrowsAsync<ChatStoreException>(() => _store.LoadAsync(Make.Key(), CancellationToken.None));
        await Assert.ThrowsAsync<ChatStoreException>(() => _store.HeartbeatAsync(Make.Owner, TimeSpan.FromSeconds(5)));
        await Assert.ThrowsAsync<ChatStoreException>(() => _store.AbandonedAsync(5));
        await using (var other = _database.Store())
        {
            await Assert.ThrowsAsync<ChatStoreException>(() => other.InitializeAsync(CancellationToken.None));
        }

        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        await _server.StartAsync();

        Assert.Null(await _store.AcceptAsync(Make.Key(), Make.Accept(Make.Queued(1))));
    }

    [Fact]
    public async Task NextCalls_AfterTheServerWasRestarted_TakeNewConnections()
    {
        await _store.CreateAsync(Make.Create(Make.Key()));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _store.LoadAsync(Make.Key(), CancellationToken.None)));
        await _server.CrashAsync();
        await _server.StartAsync();

        // None of the pooled connections is known to the server any more, and nobody notices.
        Assert.Null(await _store.AcceptAsync(Make.Key(), Make.Accept(Make.Queued(1))));
        Assert.Equal(1, (await _store.LoadAsync(Make.Key(), CancellationToken.None))!.LastSequence);
    }

    /// <summary>Appends turns until the store fails.</summary>
    private async Task WriteAsync(ChatKey key, ConcurrentDictionary<ChatKey, long> acknowledged, TaskCompletionSource enough)
    {
        for (var last = acknowledged[key]; ; acknowledged[key]++)
        {
            try
            {
                Assert.Null(await _store.AcceptAsync(key, Make.Accept(Make.Queued(acknowledged[key] + 1))));
            }
            catch (ChatStoreException)
            {
                return;
            }

            if (acknowledged[key] > last + 5)
            {
                enough.TrySetResult();
            }
        }
    }
}
