using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.TestKit.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Storage.Tests.Redis;

/// <summary>Several stores over one Redis server, as servers of a cluster have them.</summary>
public sealed class RedisSharingTests : IAsyncLifetime
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _timeA = new();
    private readonly ManualTimeProvider _timeB = new();
    private readonly List<ServiceProvider> _services = [];
    private IStorageBackend _a = null!;
    private IStorageBackend _b = null!;

    private static ChatKey Key => Make.Key();

    public async Task InitializeAsync()
    {
        var redis = await RedisServer.SharedAsync();
        var name = redis.NewName();
        _services.AddRange([RedisStore.Create(_timeA, redis.ConnectionString, name), RedisStore.Create(_timeB, redis.ConnectionString, name)]);
        _a = await _services[0].OpenAsync();
        _b = await _services[1].OpenAsync();
        await _a.HeartbeatAsync("a", Lifetime);
        await _b.HeartbeatAsync("b", Lifetime);
    }

    public async Task DisposeAsync()
    {
        foreach (var services in _services)
        {
            await services.DisposeAsync();
        }
    }

    [Fact]
    public async Task Steps_OfBothOnOneChat_EachIsDoneOnceAndSeenByTheOther()
    {
        const int Turns = 30;
        await _a.CreateAsync(Make.Create(Key));
        await Task.WhenAll(new[] { _a, _b }.Select((store, i) => Task.Run(async () =>
        {
            for (var turn = 0; turn < Turns;)
            {
                var last = (await store.LoadAsync(Key, default))!;
                var next = Make.Ended(last.LastSequence + 1, last.Chat.Revision + 1) with { TurnId = $"turn-{i}-{turn}", RequestId = $"request-{i}-{turn}" };
                try
                {
                    Assert.Null(await store.AcceptAsync(Key, Make.Accept(next)));
                    turn++;
                }
                catch (ChatConflictException)
                {
                    // The other was first.
                }
            }
        })));

        var log = (await _b.ReadLogAsync(Key, new LogRange(0, 1000, long.MaxValue), default))!;
        Assert.Equal(2L * Turns, log.Revision);
        Assert.Equal(Enumerable.Range(1, 2 * Turns).Select(i => (long)i), log.Turns.Select(turn => turn.Revision));
        Assert.Equal(2 * Turns, log.Turns.Select(turn => turn.RequestId).Distinct().Count());
    }

    [Fact]
    public async Task FindAbandoned_ServerDies_TheOtherTakesItsTurnOverAndItsLateStepIsRefused()
    {
        await _a.CreateAsync(Make.Create(Key));
        await _a.AcceptAsync(Key, Make.Accept(Make.Running(1, "a")));
        Assert.Empty(await _b.AbandonedAsync(10));
        _timeB.Advance(Lifetime + TimeSpan.FromTicks(1));
        await _b.HeartbeatAsync("b", Lifetime);

        Assert.Equal([Key], await _b.AbandonedAsync(10));
        await _b.StartAsync(Key, Make.Start(1, attempt: 2, "b"));
        await Assert.ThrowsAsync<ChatConflictException>(() => _a.EndAsync(Key, Make.End(1, owner: "a")));
        await _b.EndAsync(Key, Make.End(1, attempt: 2, owner: "b"));
    }

    [Fact]
    public async Task Delete_StepOfTheOtherIsLate_MeetsTheHeadThatStays()
    {
        await _a.CreateAsync(Make.Create(Key));
        await _b.AcceptAsync(Key, Make.Accept(Make.Running(1, "b")));
        Assert.True(await _a.DeleteAsync(Key));

        await Assert.ThrowsAsync<ChatConflictException>(() => _b.EndAsync(Key, Make.End(1, owner: "b")));
        Assert.Null(await _b.LoadAsync(Key, default));
        Assert.Null(await _a.CreateAsync(Make.Create(Key)));
        await Assert.ThrowsAsync<ChatConflictException>(() => _b.EndAsync(Key, Make.End(1, owner: "b")));
        Assert.Equal(0, (await _b.LoadAsync(Key, default))!.LastSequence);
    }

    [Fact]
    public async Task Container_OfAnother_HasOtherChats()
    {
        await _a.CreateAsync(Make.Create(Key));
        await using var services = await RedisStore.CreateSharedAsync(_timeA);
        var other = await services.OpenAsync();

        Assert.Null(await other.LoadAsync(Key, default));
        Assert.Empty((await other.ListAsync(new ChatListQuery("default", [], 10, null), default)).Chats);
    }
}
