using GenAI.Chats.Engine.Storage;
using GenAI.Chats.TestKit.Chats;

namespace GenAI.Chats.Storage.Tests.Conformance;

public abstract partial class ChatStoreConformance
{
    [Fact]
    public async Task FindAbandoned_TurnsWithoutOwner_LongestWaitingFirst()
    {
        foreach (var (id, created) in new[] { ("b", 2), ("c", 3), ("a", 1) })
        {
            await Store.CreateAsync(Make.Create(Make.Key(id)));
            await Store.AcceptAsync(Make.Key(id), Make.Accept(Make.Queued(1) with { CreateTime = Make.After(created) }));
            await Store.AcceptAsync(Make.Key(id), Make.Accept(Make.Queued(2) with { CreateTime = Make.After(created + 100) }));
        }

        Assert.Equal([Make.Key("a"), Make.Key("b"), Make.Key("c")], await AbandonedAsync());
        Assert.Equal([Make.Key("a"), Make.Key("b")], await Store.AbandonedAsync(2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FindAbandoned_ByPages_FindsEachOfTheKindOnceInOrder(bool hasOwner)
    {
        for (var i = 0; i < 9; i++)
        {
            await AbandonAsync(Make.Key($"owned-{i}"), Make.Running(1), i / 3);
            await AbandonAsync(Make.Key($"ownerless-{i}"), Make.Queued(1), i / 3);
        }

        var found = new List<ChatKey>();
        for (BusyChat? after = null; ;)
        {
            var page = await Store.FindAbandonedAsync(new AbandonedQuery(hasOwner, MaxChats: 2, after), CancellationToken.None);
            found.AddRange(page.Select(chat => chat.Key));
            if (page.Count < 2)
            {
                break;
            }

            after = page[^1];
        }

        Assert.Equal(Enumerable.Range(0, 9).Select(i => Make.Key(hasOwner ? $"owned-{i}" : $"ownerless-{i}")), found);
    }

    [Fact]
    public async Task FindAbandoned_ChatsWithoutPendingTurns_AreNotFound()
    {
        await CreateAsync(Make.Ended(1, 1));
        await Store.CreateAsync(Make.Create(Make.Key("initial"), pieces: 2));

        Assert.Empty(await AbandonedAsync());
    }

    [Fact]
    public async Task FindAbandoned_OwnerThatNeverBeat_IsGone()
    {
        await CreateAsync(Make.Running(1));

        Assert.Equal([Key], await AbandonedAsync());
    }

    [Fact]
    public async Task FindAbandoned_OwnerThatBeats_KeepsItsChatForItsLifetime()
    {
        await CreateAsync(Make.Running(1), Make.Queued(2));
        await Store.HeartbeatAsync(Make.Owner, Lifetime);

        Assert.Empty(await AbandonedAsync());
        Clock.Advance(Lifetime);
        Assert.Empty(await AbandonedAsync());
        Clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([Key], await AbandonedAsync());
        await Store.HeartbeatAsync(Make.Owner, Lifetime);
        Assert.Empty(await AbandonedAsync());
    }

    [Fact]
    public async Task FindAbandoned_ClockIsSetBack_OwnerThatIsGoneIsFound()
    {
        await CreateAsync(Make.Running(1));
        await Store.HeartbeatAsync(Make.Owner, Lifetime);
        Clock.SetClock(TimeSpan.FromDays(-1));
        Clock.Advance(Lifetime + TimeSpan.FromTicks(1));

        Assert.Equal([Key], await AbandonedAsync());
        Assert.True((await LoadAsync()).IsAbandoned);
        await Store.StartAsync(Key, Make.Start(1, attempt: 2, OtherOwner));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task FindAbandoned_ClockIsSet_OwnerThatBeatsAgainKeepsItsChat(int days)
    {
        await CreateAsync(Make.Running(1));
        await Store.HeartbeatAsync(Make.Owner, Lifetime);
        Clock.SetClock(TimeSpan.FromDays(days));
        await Store.HeartbeatAsync(Make.Owner, Lifetime);

        Assert.Empty(await AbandonedAsync());
        Assert.False((await LoadAsync()).IsAbandoned);
    }

    [Fact]
    public async Task Beat_LastLifetime_Counts()
    {
        await CreateAsync(Make.Running(1));
        await Store.HeartbeatAsync(Make.Owner, TimeSpan.FromHours(1));
        await Store.HeartbeatAsync(Make.Owner, Lifetime);

        Clock.Advance(Lifetime * 2);

        Assert.Equal([Key], await AbandonedAsync());
    }

    [Fact]
    public async Task Beat_OfAnother_DoesNotCount()
    {
        await CreateAsync(Make.Running(1));

        await Store.HeartbeatAsync(Make.Owner.ToUpperInvariant(), Lifetime);
        await Store.HeartbeatAsync(OtherOwner, Lifetime);

        Assert.Equal([Key], await AbandonedAsync());
    }

    [Fact]
    public async Task Leave_Owner_IsGoneAtOnce()
    {
        await CreateAsync(Make.Running(1));
        await Store.HeartbeatAsync(Make.Owner, Lifetime);
        await Store.HeartbeatAsync(OtherOwner, Lifetime);

        await Store.LeaveAsync(OtherOwner);
        await Store.LeaveAsync("nobody");
        Assert.Empty(await AbandonedAsync());
        await Store.LeaveAsync(Make.Owner);

        Assert.Equal([Key], await AbandonedAsync());
        await Store.StartAsync(Key, Make.Start(1, attempt: 2, OtherOwner));
    }

    [Fact]
    public async Task FindAbandoned_ReleasedTurn_IsFound()
    {
        await CreateAsync(Make.Running(1));
        await Store.HeartbeatAsync(Make.Owner, Lifetime);

        await Store.ReleaseAsync(Key, new ReleaseStep(1, "turn-1", 1, Make.Owner));

        Assert.Equal([Key], await AbandonedAsync());
    }

    private async Task AbandonAsync(ChatKey key, TurnRecord turn, int created)
    {
        await Store.CreateAsync(Make.Create(key));
        await Store.AcceptAsync(key, Make.Accept(turn with { CreateTime = Make.After(created) }));
    }

    private Task<IReadOnlyList<ChatKey>> AbandonedAsync() => Store.AbandonedAsync(10);
}
