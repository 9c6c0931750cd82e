using System.Text;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Storage.GrainStorage;
using GenAI.Chats.Storage.Tests.Conformance;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Storage.Tests.GrainStorage;

/// <summary>What remains in the records after chats have expired, or turns were erased.</summary>
public sealed class ExpirySweepTests : IAsyncLifetime
{
    private readonly MemoryProvider _provider = new();
    private readonly ManualTimeProvider _time = new();
    private GrainStorageChatStore _store = null!;

    public async Task InitializeAsync() => _store = await Stores.OpenAsync(_provider, _time);

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task Sweep_ExpiredChats_LeavesNothingOfThem()
    {
        foreach (var key in Keys())
        {
            await CreateAsync(key, TimeSpan.FromHours(1));
        }

        await CreateAsync(Make.Key("longer"), TimeSpan.FromHours(3));
        _time.SetClock(TimeSpan.FromHours(2));

        await _store.SweepAsync();

        await _store.FinishAsync();
        Assert.Equal(1, Count("page"));
        Assert.Equal(1, Count("payload"));
        Assert.Equal("longer", Assert.Single((await _store.ListAsync(new ChatListQuery("default", [], 10, null), default)).Chats).Chat.Key.ChatId);
        Assert.Null(await _store.CreateAsync(Make.Create(Make.Key("other"), maxChats: 2)));
    }

    [Fact]
    public async Task Sweep_AsTimePasses_RemovesChatsThatWereNeverUsedAgain()
    {
        await CreateAsync(Make.Key(), TimeSpan.FromHours(1));
        var cleared = new TaskCompletionSource();
        _provider.After = operation =>
        {
            if (operation is { Verb: "clear", Kind: "page" })
            {
                cleared.TrySetResult();
            }

            return Task.CompletedTask;
        };

        _time.SetClock(TimeSpan.FromHours(2));
        _time.Advance(TimeSpan.FromMinutes(5));

        await cleared.Task.WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task Sweep_RightAfterAnother_ReadsNoChat()
    {
        await CreateAsync(Make.Key(), TimeSpan.FromHours(1));
        await _store.SweepAsync();
        await using var other = await Stores.OpenAsync(_provider, _time);
        _provider.Log.Clear();

        await other.SweepAsync();

        Assert.All(_provider.Log, operation => Assert.Equal(("read", "expiring-tenants"), (operation.Verb, operation.Kind)));
    }

    [Fact]
    public async Task Create_TenantHasTheMaximumOfWhichSomeHaveExpired_IsCreated()
    {
        await CreateAsync(Make.Key("first"), TimeSpan.FromHours(1));
        await CreateAsync(Make.Key("second"), TimeSpan.FromHours(3));
        await Assert.ThrowsAsync<ChatLimitException>(() => _store.CreateAsync(Make.Create(Make.Key("third"), maxChats: 2)));
        _time.SetClock(TimeSpan.FromHours(2));

        Assert.Null(await _store.CreateAsync(Make.Create(Make.Key("third"), maxChats: 2)));

        await Assert.ThrowsAsync<ChatLimitException>(() => _store.CreateAsync(Make.Create(Make.Key("fourth"), maxChats: 2)));
    }

    [Fact]
    public async Task Erase_TurnsInTheHeadAndInPages_LeavesNoTextOfThem()
    {
        var chat = await TreeChat.CreateAsync(_store, Make.Key());
        for (var i = 0; i < 150; i++)
        {
            await chat.SendAsync();
        }

        var fork = await chat.ForkAsync(40, Make.Key("fork"));
        await chat.MoveAsync(20, erase: true);
        await _store.FinishAsync();

        Assert.True(HasText("answer 20"));
        Assert.True(HasText("answer 40"));
        Assert.False(HasText("answer 41"));
        Assert.False(HasText("answer 149"));
        await fork.MoveAsync(20, erase: true);
        await _store.FinishAsync();
        Assert.True(HasText("answer 20"));
        Assert.False(HasText("answer 21"));
        Assert.False(HasText("answer 40"));
        await _store.DeleteAsync(chat.Key);
        await fork.CheckAsync([.. Enumerable.Range(1, 20).Select(revision => (long)revision)]);
        await _store.DeleteAsync(fork.Key);
        await _store.FinishAsync();
        Assert.False(HasText("answer"));
    }

    private static IEnumerable<ChatKey> Keys() => [Make.Key("a"), Make.Key("b"), Make.Key("a", "other")];

    private async Task CreateAsync(ChatKey key, TimeSpan ttl)
    {
        var settings = new ChatSettings { Model = "echo", Ttl = Duration.FromTimeSpan(ttl) };
        await _store.CreateAsync(Make.Create(key, settings: settings));
        for (var i = 1; i <= 64; i++)
        {
            await _store.AcceptAsync(key, Make.Accept(Make.Ended(i, i)));
        }

        await _store.AcceptAsync(key, Make.Accept(Make.Ended(65, 65) with { Input = Make.Queued(65, text: new string('x', 10_000)).Input }));
        await _store.FinishAsync();
    }

    private int Count(string kind) => _provider.Records.Keys.Count(record => record.Kind == kind);

    private bool HasText(string text) => _provider.Records.Values.Any(record => record.Data.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);
}
