using System.Globalization;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Postgres;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Postgres;

/// <summary>Stores that share a database, as processes do.</summary>
public sealed class PostgresContentionTests : IAsyncLifetime
{
    private static readonly ChatKey Key = Make.Key();

    private PostgresDatabase _database = null!;
    private PostgresChatStore _a = null!;
    private PostgresChatStore _b = null!;

    public async Task InitializeAsync()
    {
        _database = await PostgresDatabase.CreateAsync();
        _a = await _database.OpenAsync();
        _b = await _database.OpenAsync();
    }

    public async Task DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task TwoStores_SameStepAtOnce_OneDoesIt()
    {
        await _a.CreateAsync(Make.Create(Key));
        for (var i = 1; i <= 20; i++)
        {
            var results = await Task.WhenAll(TryAsync(_a, i, "a"), TryAsync(_b, i, "b"), TryAsync(_a, i, "c"), TryAsync(_b, i, "d"));
            Assert.Single(results, exception => exception is null);
            Assert.Equal(3, results.Count(exception => exception is ChatConflictException));
        }

        Assert.Equal(20, (await _b.LoadAsync(Key, CancellationToken.None))!.LastSequence);

        static Task<Exception?> TryAsync(PostgresChatStore store, int sequence, string caller) => Record.ExceptionAsync(
            () => store.AcceptAsync(Key, Make.Accept(Make.Queued(sequence, caller + sequence) with { TurnId = caller + sequence })))!;
    }

    [Fact]
    public async Task TwoStores_SameRequestAtOnce_IsRecordedOnce()
    {
        await _a.CreateAsync(Make.Create(Key));
        for (var i = 1; i <= 20; i++)
        {
            var turn = Make.Queued(i);
            var found = await Task.WhenAll(
                _a.AcceptAsync(Key, Make.Accept(turn)), _b.AcceptAsync(Key, Make.Accept(turn with { TurnId = turn.TurnId + "-b" })));
            Assert.Single(found, other => other is null);
            Assert.Single(found, other => other?.Sequence == i);
        }
    }

    [Fact]
    public async Task TwoStores_SameChatCreatedAtOnce_IsThereOnceAndCountedOnce()
    {
        for (var i = 0; i < 10; i++)
        {
            var key = Make.Key(string.Create(CultureInfo.InvariantCulture, $"chat-{i}"));
            var found = await Task.WhenAll(_a.CreateAsync(Make.Create(key, maxChats: 10)), _b.CreateAsync(Make.Create(key, maxChats: 11)));
            Assert.Single(found, other => other is null);
            Assert.Single(found, other => other?.Key == key);
        }

        Assert.Equal(10L, await _database.ScalarAsync("SELECT chats FROM tenants"));
        await Assert.ThrowsAsync<ChatLimitException>(() => _a.CreateAsync(Make.Create(Key, maxChats: 10)));
    }

    [Fact]
    public async Task TwoStores_CreateAtTheLimit_NoneTooMany()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Record.ExceptionAsync(
            () => (i % 2 == 0 ? _a : _b).CreateAsync(Make.Create(Make.Key($"chat-{i}"), maxChats: 5)))));

        Assert.Equal(5, results.Count(exception => exception is null));
        Assert.Equal(11, results.Count(exception => exception is ChatLimitException));
    }

    [Fact]
    public async Task TwoStores_StepsWhileTheChatIsDeleted_AreDoneOrRefused()
    {
        for (var i = 0; i < 10; i++)
        {
            await _a.CreateAsync(Make.Create(Key, settings: Make.Settings("echo", ("team", "a"))));
            var results = await Task.WhenAll(
                Record.ExceptionAsync(() => _a.AcceptAsync(Key, Make.Accept(Make.Queued(1)))),
                Record.ExceptionAsync(() => _b.UpdateSettingsAsync(Key, 1, Make.Settings("echo", ("team", "b"), ("env", "c")), Make.Time, 0)),
                Record.ExceptionAsync(() => _b.DeleteAsync(Key)));
            Assert.All(results, exception => Assert.True(exception is null or ChatConflictException, exception?.ToString()));
            Assert.Null(results[2]);
            Assert.Null(await _b.LoadAsync(Key, CancellationToken.None));
        }

        foreach (var count in new[] { "count(*) FROM labels", "count(*) FROM settings", "sum(chats)::bigint FROM tenants" })
        {
            Assert.Equal(0L, await _database.ScalarAsync("SELECT " + count));
        }
    }

    [Fact]
    public async Task TwoStores_ManySteps_AllAreDone()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            var (store, key) = (i % 2 == 0 ? _a : _b, Make.Key($"chat-{i}"));
            await store.CreateAsync(Make.Create(key));
            for (var turn = 1; turn <= 5; turn++)
            {
                await store.AcceptAsync(key, Make.Accept(Make.Running(turn)));
                await store.EndAsync(key, Make.End(turn, revision: turn - 1));
            }
        }));

        foreach (var store in new[] { _a, _b })
        {
            var page = await store.ListAsync(new ChatListQuery("default", [], 100, null), CancellationToken.None);
            Assert.Equal(40, page.Chats.Count);
            Assert.All(page.Chats, chat => Assert.Equal(5, chat.Chat.Revision));
        }
    }

    [Fact]
    public async Task TwoStores_OwnerOfAnother_IsGoneOnlyByTheServersClock()
    {
        await _a.CreateAsync(Make.Create(Key));
        await _a.HeartbeatAsync(Make.Owner, TimeSpan.FromMinutes(5));
        await _a.AcceptAsync(Key, Make.Accept(Make.Running(1)));
        var takeOver = Make.Start(1, attempt: 2, owner: "owner-b");

        await Assert.ThrowsAsync<ChatConflictException>(() => _b.StartAsync(Key, takeOver));
        await _a.HeartbeatAsync(Make.Owner, TimeSpan.FromTicks(10));
        await _b.StartAsync(Key, takeOver);

        await Assert.ThrowsAsync<ChatConflictException>(() => _a.EndAsync(Key, Make.End(1)));
        await _b.EndAsync(Key, Make.End(1, attempt: 2, owner: "owner-b"));
    }

    [Theory]
    [InlineData(@"a\b", @"a\\b")]
    [InlineData(@"a\0b", "a\0b")]
    [InlineData("\\\0", "\0\\")]
    public async Task Accept_IdsWithWhatPostgresCannotKeep_AreKept(string first, string second)
    {
        await _a.CreateAsync(Make.Create(Key, settings: Make.Settings("echo", ("label", first))));
        await _a.AcceptAsync(Key, Make.Accept(Make.Queued(1, first) with { TurnId = first }));
        await _a.AcceptAsync(Key, Make.Accept(Make.Queued(2, second) with { TurnId = second }));

        Assert.Equal((1, first, first), Ids(await _b.FindTurnAsync(Key, first, CancellationToken.None)));
        Assert.Equal((2, second, second), Ids(await _b.FindRequestAsync(Key, second, CancellationToken.None)));
        Assert.Single((await _b.ListAsync(new ChatListQuery("default", [new("label", first)], 5, null), CancellationToken.None)).Chats);
        Assert.Empty((await _b.ListAsync(new ChatListQuery("default", [new("label", second)], 5, null), CancellationToken.None)).Chats);

        static (long, string, string) Ids(TurnRecord? turn) => (turn!.Sequence, turn.TurnId, turn.RequestId);
    }
}
