using System.Collections.Concurrent;
using GenAI.Chats.Engine;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.Grains.Hosting;
using GenAI.Chats.Storage.InMemory;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Grains.Tests.Grain;

/// <summary>Recovery while more chats wait for a slot than one scan looks at: no chat hides another.</summary>
public sealed class CrowdedRecoveryTests : IDisposable
{
    private const int Crowd = 2500;

    private readonly ManualTimeProvider _time = new();
    private readonly ConcurrentQueue<ChatKey> _woken = new();
    private readonly StoreHealth _health = new();
    private readonly InMemoryChatStore _store;
    private readonly ServerState _server;
    private readonly TurnRecoveryService _recovery;

    public CrowdedRecoveryTests()
    {
        _store = new InMemoryChatStore(_time);
        _server = new ServerState(time: _time);
        _recovery = new TurnRecoveryService(
            _store, _store, _server, _health, WokenGrains.Of(_woken), new ChatMetrics(), Options.Create(new ChatsOptions()),
            NullLogger<TurnRecoveryService>.Instance);
    }

    [Fact]
    public async Task Recover_OwnerIsGoneAndOlderChatsWait_WakesItsChatAtOnce()
    {
        await AddAsync(Crowd, Make.Queued(1));
        await AddAsync(Make.Key("left"), Make.Running(1) with { CreateTime = Make.After(1000) });

        await _recovery.RecoverAsync(CancellationToken.None);

        Assert.Contains(Make.Key("left"), _woken);
    }

    [Fact]
    public async Task Recover_MoreThanAPageWaits_GoesThroughAllAndStartsAgain()
    {
        await AddAsync(Crowd, Make.Queued(1));

        for (var i = 0; i < 3; i++)
        {
            await _recovery.RecoverAsync(CancellationToken.None);
        }

        Assert.Equal(Crowd, _woken.Count);
        Assert.Equal(Crowd, _woken.Distinct().Count());
        var first = _woken.First();
        await _recovery.RecoverAsync(CancellationToken.None);
        Assert.Equal(2, _woken.Count(key => key == first));
    }

    [Fact]
    public async Task Recover_MoreThanAPageOfAGoneOwner_WakesAllAtOnce()
    {
        await AddAsync(Crowd, Make.Running(1));

        await _recovery.RecoverAsync(CancellationToken.None);

        Assert.Equal(Crowd, _woken.Distinct().Count());
    }

    [Fact]
    public async Task Recover_StoreIsDamaged_WakesNothing()
    {
        await AddAsync(Make.Key(), Make.Running(1));
        _health.Note(new ChatStoreException("The test's store is damaged.") { Damage = StoreDamage.Database });

        await _recovery.RecoverAsync(CancellationToken.None);

        Assert.Empty(_woken);
    }

    public void Dispose()
    {
        _recovery.Dispose();
        _server.Dispose();
    }

    private async Task AddAsync(int chats, TurnRecord turn)
    {
        for (var i = 0; i < chats; i++)
        {
            await AddAsync(Make.Key($"chat-{i}"), turn);
        }
    }

    private async Task AddAsync(ChatKey key, TurnRecord turn)
    {
        await _store.CreateAsync(Make.Create(key, maxChats: long.MaxValue));
        await _store.AcceptAsync(key, Make.Accept(turn));
    }
}
