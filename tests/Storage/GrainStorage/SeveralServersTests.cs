using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Storage.GrainStorage;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.GrainStorage;

/// <summary>Several stores over one provider, as servers have them, each with a clock of its own.</summary>
public sealed class SeveralServersTests : IAsyncLifetime
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly MemoryProvider _provider = new();
    private readonly ManualTimeProvider _timeA = new();
    private readonly ManualTimeProvider _timeB = new();
    private GrainStorageChatStore _a = null!;
    private GrainStorageChatStore _b = null!;

    private static ChatKey Key => Make.Key();

    public async Task InitializeAsync()
    {
        // Clocks that say different times are no matter.
        _timeB.Advance(TimeSpan.FromDays(20));
        _a = await Stores.OpenAsync(_provider, _timeA, Stores.Small);
        _b = await Stores.OpenAsync(_provider, _timeB, Stores.Small);
        await _a.HeartbeatAsync("a", Lifetime);
        await _b.HeartbeatAsync("b", Lifetime);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task FindAbandoned_ServerDies_OthersFindItsTurnsOnceTheyHaveWatchedItForItsLifetime()
    {
        await _a.CreateAsync(Make.Create(Key));
        await _a.AcceptAsync(Key, Make.Accept(Make.Running(1, "a")));

        Assert.Empty(await AbandonedAsync(_b));
        Assert.False((await _b.LoadAsync(Key, default))!.IsAbandoned);
        _timeB.Advance(Lifetime);
        Assert.Empty(await AbandonedAsync(_b));
        await Assert.ThrowsAsync<ChatConflictException>(() => _b.StartAsync(Key, Make.Start(1, attempt: 2, "b")));
        _timeB.Advance(TimeSpan.FromTicks(1));
        await _b.HeartbeatAsync("b", Lifetime);

        Assert.Equal([Key], await AbandonedAsync(_b));
        await _b.StartAsync(Key, Make.Start(1, attempt: 2, "b"));
        Assert.Empty(await AbandonedAsync(_b));
        await Assert.ThrowsAsync<ChatConflictException>(() => _a.EndAsync(Key, Make.End(1, owner: "a")));
        await _b.EndAsync(Key, Make.End(1, attempt: 2, owner: "b"));
    }

    [Fact]
    public async Task FindAbandoned_ServerGoesOnBeating_IsNeverGoneHoweverRarelyOthersLook()
    {
        await _a.CreateAsync(Make.Create(Key));
        await _a.AcceptAsync(Key, Make.Accept(Make.Running(1, "a")));
        for (var i = 0; i < 10; i++)
        {
            Assert.Empty(await AbandonedAsync(_b));
            await _a.HeartbeatAsync("a", Lifetime);
            _timeB.Advance(TimeSpan.FromMinutes(10));
            await _b.HeartbeatAsync("b", Lifetime);
        }
    }

    [Fact]
    public async Task FindAbandoned_ServerLeaves_OthersFindWhatItReleasedAtOnce()
    {
        await _a.CreateAsync(Make.Create(Key));
        await _a.AcceptAsync(Key, Make.Accept(Make.Running(1, "a")));
        await _a.ReleaseAsync(Key, new ReleaseStep(1, "turn-1", 1, "a"));
        await _a.LeaveAsync("a");

        Assert.Equal([Key], await AbandonedAsync(_b));
    }

    [Fact]
    public async Task FindAbandoned_ServerIsGoneWithoutPendingTurns_IsForgottenAndComesBackWithTheNext()
    {
        await _a.CreateAsync(Make.Create(Key));
        await _a.AcceptAsync(Key, Make.Accept(Make.Running(1, "a")));
        await _a.EndAsync(Key, Make.End(1, owner: "a"));
        Assert.Contains(_provider.Records.Keys, record => record.Kind == "server-chats");
        await AbandonedAsync(_b);
        for (var i = 0; i < 3; i++)
        {
            _timeB.Advance(AbandonedChats.Grace + TimeSpan.FromTicks(1));
            await _b.HeartbeatAsync("b", Lifetime);
            await AbandonedAsync(_b);
        }

        Assert.DoesNotContain(_provider.Records.Keys, record => record.Kind == "server-chats");

        // The server was only frozen, and takes up a turn before and after its next beat.
        _timeA.Advance(TimeSpan.FromMinutes(5));
        await _a.AcceptAsync(Key, Make.Accept(Make.Running(2, "a")));
        await _a.CreateAsync(Make.Create(Make.Key("other")));
        await _a.HeartbeatAsync("a", Lifetime);
        await _a.AcceptAsync(Make.Key("other"), Make.Accept(Make.Running(1, "a")));
        Assert.Empty(await AbandonedAsync(_b));
        await _a.LeaveAsync("a");

        Assert.Equal([Make.Key("other"), Key], await AbandonedAsync(_b));
    }

    [Fact]
    public async Task Steps_OfBothOnOneChat_EachIsDoneOnceAndSeenByTheOther()
    {
        await _a.CreateAsync(Make.Create(Key));
        var done = 0;
        await Task.WhenAll(new[] { _a, _b }.Select((store, i) => Task.Run(async () =>
        {
            for (var turn = 0; turn < 100; turn++)
            {
                while (true)
                {
                    var last = (await store.LoadAsync(Key, default))!;
                    var next = Make.Ended(last.LastSequence + 1, last.Chat.Revision + 1) with { TurnId = $"turn-{i}-{turn}", RequestId = $"request-{i}-{turn}" };
                    try
                    {
                        Assert.Null(await store.AcceptAsync(Key, Make.Accept(next)));
                        Interlocked.Increment(ref done);
                        break;
                    }
                    catch (ChatConflictException)
                    {
                        // The other was first.
                    }
                }
            }
        })));

        var log = (await _b.ReadLogAsync(Key, new LogRange(0, 1000, long.MaxValue), default))!;
        Assert.Equal((200, 200L), (done, log.Revision));
        Assert.Equal(Enumerable.Range(1, 200).Select(i => (long)i), log.Turns.Select(turn => turn.Revision));
        Assert.Equal(200, log.Turns.Select(turn => turn.RequestId).Distinct().Count());
    }

    [Fact]
    public async Task Create_ByManyServersNearTheLimit_StaysWithinIt()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Stores.OpenAsync(_provider, _timeA)));

        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(
            () => Record.ExceptionAsync(() => stores[i % 4].CreateAsync(Make.Create(Make.Key($"chat-{i}"), maxChats: 7))))));

        Assert.Equal(7, results.Count(exception => exception is null));
        Assert.Equal(33, results.Count(exception => exception is ChatLimitException));
        Assert.Equal(7, (await _b.ListAsync(new ChatListQuery("default", [], 100, null), default)).Chats.Count);
    }

    [Fact]
    public async Task Read_WhilePagesAreReplacedAndCleared_SeesOneInstant()
    {
        await _a.CreateAsync(Make.Create(Key));
        for (var i = 1; i <= 20; i++)
        {
            await _a.AcceptAsync(Key, Make.Accept(Make.Ended(i, i) with { Curated = false }));
        }

        var closing = Task.Run(async () =>
        {
            for (var i = 21; i <= 60; i++)
            {
                var step = Make.Accept(Make.Ended(i, i) with { Curated = false });
                await _a.AcceptAsync(Key, step with { Head = step.Head! with { OpenSequence = 0, Closes = [i - 20] } });
            }
        });
        while (!closing.IsCompleted)
        {
            var page = (await _b.ReadLogAsync(Key, new LogRange(0, 1000, long.MaxValue), default))!;
            Assert.Equal(page.Revision, page.Turns.Count);
            Assert.All(page.Turns, turn => Assert.Equal(turn.Sequence <= page.Revision - 20, turn.Curated));
        }

        await closing;
    }

    private static Task<IReadOnlyList<ChatKey>> AbandonedAsync(GrainStorageChatStore store) => store.AbandonedAsync(10);
}
