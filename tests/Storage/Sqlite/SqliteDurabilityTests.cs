using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Sqlite;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Sqlite;

/// <summary>What was acknowledged is there for whoever opens the file next.</summary>
public sealed class SqliteDurabilityTests : IDisposable
{
    private static readonly ChatKey Key = Make.Key();

    private readonly SqliteFile _file = new();
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Reopen_AfterDispose_FindsEverything()
    {
        string before;
        await using (var store = await _file.OpenAsync())
        {
            await FillAsync(store);
            before = await StateAsync(store);
        }

        Assert.False(File.Exists(_file.Path + "-wal"));
        await using var reopened = await _file.OpenAsync();

        Assert.Equal(before, await StateAsync(reopened));
    }

    [Fact]
    public async Task Reopen_AfterAnAbruptEnd_FindsEverything()
    {
        await using var store = await _file.OpenAsync();
        await FillAsync(store);
        using var copy = new SqliteFile();
        Directory.CreateDirectory(Path.GetDirectoryName(copy.Path)!);

        // What a killed process leaves behind: the file as it is, and the log that was synced with each commit.
        File.Copy(_file.Path, copy.Path);
        File.Copy(_file.Path + "-wal", copy.Path + "-wal");

        await using var reopened = await copy.OpenAsync();
        Assert.Equal(await StateAsync(store), await StateAsync(reopened));
        Assert.Null(await reopened.AcceptAsync(Key, Make.Accept(Make.Queued(4))));
    }

    [Fact]
    public async Task Dispose_StepsHaveQueuedUp_CommitsThem()
    {
        var store = await _file.OpenAsync();
        await store.CreateAsync(Make.Create(Key));
        using var other = _file.Connect();
        other.Run("BEGIN IMMEDIATE");
        var steps = Enumerable.Range(1, 100).Select(i => store.AcceptAsync(Key, Make.Accept(Make.Queued(i)))).ToList();

        var disposal = store.DisposeAsync();
        other.Run("ROLLBACK");
        await disposal;

        Assert.All(await Task.WhenAll(steps), Assert.Null);
        await using var reopened = await _file.OpenAsync();
        Assert.Equal(100, (await reopened.LoadWholeAsync(Key, CancellationToken.None))!.LastSequence);
    }

    [Fact]
    public async Task Dispose_LaterCalls_AreRefused()
    {
        var store = await _file.OpenAsync();
        await store.DisposeAsync();

        await Assert.ThrowsAsync<ChatStoreException>(() => store.CreateAsync(Make.Create(Key)));
        await Assert.ThrowsAsync<ChatStoreException>(() => store.LoadWholeAsync(Key, CancellationToken.None));
    }

    [Fact]
    public async Task TwoStoresOnOneFile_InitializedAtOnce_BothWork()
    {
        await using var a = _file.Store();
        await using var b = _file.Store();

        await Task.WhenAll(a.InitializeAsync(CancellationToken.None), b.InitializeAsync(CancellationToken.None));

        Assert.Null(await a.CreateAsync(Make.Create(Key)));
        Assert.NotNull(await b.CreateAsync(Make.Create(Key)));
    }

    [Fact]
    public async Task TwoStoresOnOneFile_SameStepAtOnce_OneDoesIt()
    {
        await using var a = await _file.OpenAsync();
        await using var b = await _file.OpenAsync();
        await a.CreateAsync(Make.Create(Key));

        for (var i = 1; i <= 30; i++)
        {
            var results = await Task.WhenAll(TryAsync(a, i, "a"), TryAsync(b, i, "b"));
            Assert.Single(results, exception => exception is null);
            Assert.Single(results, exception => exception is ChatConflictException);
        }

        Assert.Equal(30, (await b.LoadAsync(Key, CancellationToken.None))!.LastSequence);

        static Task<Exception?> TryAsync(SqliteChatStore store, int sequence, string caller) => Task.Run(async () => (Exception?)await Record.ExceptionAsync(
            () => store.AcceptAsync(Key, Make.Accept(Make.Queued(sequence, caller + sequence) with { TurnId = caller + sequence }))));
    }

    [Fact]
    public async Task TwoStoresOnOneFile_ManySteps_AllAreDone()
    {
        await using var a = await _file.OpenAsync();
        await using var b = await _file.OpenAsync();

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () =>
        {
            var (store, key) = (i % 2 == 0 ? a : b, Make.Key($"chat-{i}"));
            await store.CreateAsync(Make.Create(key));
            for (var turn = 1; turn <= 5; turn++)
            {
                await store.AcceptAsync(key, Make.Accept(Make.Running(turn)));
                await store.EndAsync(key, Make.End(turn, revision: turn - 1));
            }
        })));

        foreach (var store in new[] { a, b })
        {
            var page = await store.ListWholeAsync(new ChatListQuery("default", [], 100, null), CancellationToken.None);
            Assert.Equal(40, page.Chats.Count);
            Assert.All(page.Chats, chat => Assert.Equal(5, chat.Chat.Revision));
        }
    }

    [Fact]
    public async Task TwoStoresOnOneFile_Beat_IsSeenByTheOther()
    {
        await using var a = await _file.OpenAsync(_time);
        await using var b = await _file.OpenAsync(_time);
        await a.CreateAsync(Make.Create(Key));
        await a.HeartbeatAsync(Make.Owner, TimeSpan.FromSeconds(5));
        await a.AcceptAsync(Key, Make.Accept(Make.Running(1)));

        await Assert.ThrowsAsync<ChatConflictException>(() => b.StartAsync(Key, Make.Start(1, attempt: 2, "owner-b")));
        _time.Advance(TimeSpan.FromSeconds(6));
        await b.StartAsync(Key, Make.Start(1, attempt: 2, "owner-b"));

        await Assert.ThrowsAsync<ChatConflictException>(() => a.EndAsync(Key, Make.End(1)));
    }

    public void Dispose() => _file.Dispose();

    private static async Task FillAsync(SqliteChatStore store)
    {
        await store.CreateAsync(Make.Create(Key, settings: Make.Settings("echo", ("team", "a"))));
        await store.AcceptAsync(Key, Make.Accept(Make.Ended(1, revision: 1)));
        await store.AcceptAsync(Key, Make.Accept(Make.Running(2)));
        await store.AcceptAsync(Key, Make.Accept(Make.Queued(3)));
        await store.HeartbeatAsync(Make.Owner, TimeSpan.FromDays(1));
    }

    private static async Task<string> StateAsync(SqliteChatStore store) => Render.Of(await store.LoadWholeAsync(Key, CancellationToken.None))
        + Render.Of(await store.ReadLogAsync(Key, new LogRange(0, 100, long.MaxValue), CancellationToken.None))
        + Render.Of(await store.ListWholeAsync(new ChatListQuery("default", [new("team", "a")], 10, null), CancellationToken.None))
        + string.Join(' ', await store.AbandonedAsync(10));
}
