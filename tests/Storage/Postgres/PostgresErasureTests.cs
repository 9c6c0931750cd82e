using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.Postgres;
using GenAI.Chats.Storage.Tests.Conformance;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Postgres;

/// <summary>The rows that are left of turns that no chat has.</summary>
public sealed class PostgresErasureTests : IAsyncLifetime
{
    private static readonly string[] Tables =
        ["chats", "settings", "labels", "turns", "inputs", "outcomes", "progress", "trees", "ranges", "sweeps"];

    private static readonly ChatKey Key = Make.Key();
    private static readonly ChatKey ForkKey = Make.Key("fork");

    private PostgresDatabase _database = null!;

    public async Task InitializeAsync() => _database = await PostgresDatabase.CreateAsync();

    public Task DisposeAsync()
    {
        _database.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Delete_ForksOfForks_FreesTurnsWithTheLastOneThatHasThem()
    {
        await using var store = await _database.OpenAsync();
        var chat = await LongChatAsync(store);
        var fork = await chat.ForkAsync(chat.Revision - 10, ForkKey);
        await fork.SendAsync();
        var other = await fork.ForkAsync(chat.Revision - 20, Make.Key("other"));
        await other.SendAsync();

        await store.DeleteAsync(Key);
        await SweepAsync(store);
        Assert.Equal(fork.LastSequence + 1, await CountAsync("turns"));
        await store.DeleteAsync(fork.Key);
        await SweepAsync(store);
        Assert.Equal(other.LastSequence, await CountAsync("turns"));
        Assert.Equal(other.LastSequence, await CountAsync("inputs"));
        await other.CheckAsync([.. Enumerable.Range(1, (int)other.Revision).Select(revision => (long)revision)]);
        await store.DeleteAsync(other.Key);
        await SweepAsync(store);

        foreach (var table in Tables)
        {
            Assert.Equal(0, await CountAsync(table));
        }
    }

    [Fact]
    public async Task Erase_TurnsThatAForkHas_FreesThemWithTheFork()
    {
        await using var store = await _database.OpenAsync();
        var chat = await LongChatAsync(store);
        var all = chat.LastSequence;
        var fork = await chat.ForkAsync(chat.Revision - 10, ForkKey);

        await chat.MoveAsync(5, erase: true);
        await SweepAsync(store);
        Assert.Equal((all + 1, fork.LastSequence + 1), (await CountAsync("turns"), await CountAsync("outcomes")));
        await store.DeleteAsync(ForkKey);
        await SweepAsync(store);
        Assert.Equal((all + 1, chat.SequenceOf(5) + 1), (await CountAsync("turns"), await CountAsync("outcomes")));
        await chat.CheckAsync(1, 2, 3, 4, 5);
        await store.DeleteAsync(Key);
        await SweepAsync(store);

        foreach (var table in Tables)
        {
            Assert.Equal(0, await CountAsync(table));
        }
    }

    [Fact]
    public async Task Expire_ChatsOnSeveralServers_AreFreedOnce()
    {
        var time = new ManualTimeProvider();
        await _database.FollowAsync(time);
        await using var store = await _database.OpenAsync();
        await using var other = await _database.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 250).Select(i => store.CreateAsync(Make.Create(Make.Key($"chat-{i}"), pieces: 1))));
        await store.AcceptAsync(Make.Key("chat-7"), Make.Accept(Make.Queued(2)));
        time.Advance(TimeSpan.FromDays(31));

        await Task.WhenAll(SweepAsync(store, maxChats: 1), SweepAsync(other, maxChats: 1));

        Assert.Equal((1, 2), (await CountAsync("chats"), await CountAsync("turns")));
        Assert.Equal(1L, await _database.ScalarAsync("SELECT chats FROM tenants"));
    }

    private static async Task<TreeChat> LongChatAsync(PostgresChatStore store)
    {
        var chat = await TreeChat.CreateAsync(store, Key, pieces: 1);
        for (var i = 0; i < 150; i++)
        {
            await chat.SendAsync();
        }

        return chat;
    }

    // Each heartbeat requests a sweep.
    private async Task SweepAsync(PostgresChatStore store, long maxChats = long.MaxValue)
    {
        do
        {
            await store.HeartbeatAsync(Make.Owner, TimeSpan.FromSeconds(5));
        }
        while (await CountAsync("sweeps") > 0 || await CountAsync("chats") > maxChats);
    }

    private async Task<long> CountAsync(string table) => (long)(await _database.ScalarAsync($"SELECT count(*) FROM {table}"))!;
}
