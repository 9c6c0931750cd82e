using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.TestKit.Chats;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Storage.Tests.Conformance;

/// <content>Chats that expire, by the store's clock: the times here have passed on every clock, or on none.</content>
public abstract partial class ChatStoreConformance
{
    private static readonly DateTimeOffset Past = new(2001, 2, 3, 4, 5, 6, TimeSpan.Zero);
    private static readonly DateTimeOffset Future = new(2201, 2, 3, 4, 5, 6, TimeSpan.Zero);

    [Fact]
    public async Task Expiry_FixedTime_IsTheExpireTime()
    {
        await Store.CreateAsync(Make.Create(Key, settings: Expiring(Future)));
        await Store.AcceptAsync(Key, Make.Accept(Make.Ended(1, revision: 1)));

        Assert.Equal(Future, (await LoadAsync()).Chat.ExpireTime);
        Assert.Equal(Future, Assert.Single((await ListAsync()).Chats).Chat.ExpireTime);
    }

    [Fact]
    public async Task Expiry_Ttl_CountsFromTheCommit()
    {
        await Store.CreateAsync(Make.Create(Key, settings: Lasting(TimeSpan.FromHours(1))));
        await Store.CreateAsync(Make.Create(Make.Key("other"), settings: Lasting(TimeSpan.FromHours(2))));

        var (first, second) = (await ExpireTimeAsync(Key), await ExpireTimeAsync(Make.Key("other")));

        Assert.InRange(second - first, TimeSpan.FromHours(1), TimeSpan.FromHours(1.5));
    }

    [Fact]
    public async Task Expiry_NeitherTimeNorTtl_Never()
    {
        await Store.CreateAsync(Make.Create(Key, settings: Expiring(null)));
        Assert.Null((await LoadAsync()).Chat.ExpireTime);

        await Store.ApplyAsync(Key, new UpdateStep(1, Expiring(Future), Make.Time, 0) { SetsExpiry = true });
        Assert.Equal(Future, (await LoadAsync()).Chat.ExpireTime);
        await Store.ApplyAsync(Key, new UpdateStep(2, Expiring(null), Make.Time, 0) { SetsExpiry = true });
        Assert.Null((await LoadAsync()).Chat.ExpireTime);
    }

    [Fact]
    public async Task Expiry_ChangedSettings_LeaveItUnlessTheStepSetsIt()
    {
        await Store.CreateAsync(Make.Create(Key, settings: Expiring(Future)));

        await Store.ApplyAsync(Key, new UpdateStep(1, Lasting(TimeSpan.FromHours(1)), Make.Time, 0));

        Assert.Equal(Future, (await LoadAsync()).Chat.ExpireTime);
        await Store.ApplyAsync(Key, new UpdateStep(2, Lasting(TimeSpan.FromHours(1)), Make.Time, 0) { SetsExpiry = true });
        Assert.True(await ExpireTimeAsync(Key) < Future);
    }

    [Fact]
    public async Task Expiry_TtlOfAHeadChange_CountsFromTheCommit()
    {
        await Store.CreateAsync(Make.Create(Key, settings: Lasting(TimeSpan.FromHours(1))));

        await RecordAsync(1, TimeSpan.FromDays(1));
        var first = await ExpireTimeAsync(Key);
        await Store.AcceptAsync(Key, Make.Accept(Make.Running(2)));
        Assert.Equal(first, await ExpireTimeAsync(Key));
        var end = Make.End(2, revision: 1);
        await Store.EndAsync(Key, end with { Head = end.Head with { Ttl = TimeSpan.FromDays(3) } });

        Assert.InRange(await ExpireTimeAsync(Key) - first, TimeSpan.FromDays(2), TimeSpan.FromDays(2.5));
    }

    [Fact]
    public async Task Expiry_TtlOfAHeadChange_NeverMovesItBack()
    {
        await Store.CreateAsync(Make.Create(Key, settings: Expiring(Future)));

        await RecordAsync(1, TimeSpan.FromHours(1));
        Assert.Equal(Future, await ExpireTimeAsync(Key));
        await Store.AcceptAsync(Key, Make.Accept(Make.Running(2)));
        var end = Make.End(2, revision: 1, recorded: false);
        await Store.EndAsync(Key, end with { Head = end.Head with { Ttl = TimeSpan.Zero } });
        Assert.Equal(Future, await ExpireTimeAsync(Key));

        await Store.ApplyAsync(Key, new UpdateStep(1, Lasting(TimeSpan.FromHours(1)), Make.Time, 0) { SetsExpiry = true });
        var set = await ExpireTimeAsync(Key);
        Assert.True(set < Future);
        await RecordAsync(3, TimeSpan.FromHours(2), version: 2, revision: 2);
        Assert.InRange(await ExpireTimeAsync(Key) - set, TimeSpan.FromHours(1), TimeSpan.FromHours(1.5));
    }

    [Fact]
    public async Task Expiry_TtlOfAHeadChange_LeavesAChatThatDoesNotExpire()
    {
        await Store.CreateAsync(Make.Create(Key, settings: Expiring(null)));

        await RecordAsync(1, TimeSpan.FromHours(1));

        Assert.Null((await LoadAsync()).Chat.ExpireTime);
    }

    [Fact]
    public async Task End_WithTheSettingsOfAnEarlierVersion_Conflicts()
    {
        await CreateAsync(Make.Running(1));
        await Store.UpdateSettingsAsync(Key, 1, Lasting(TimeSpan.FromHours(1)), Make.Time, 0);

        await AssertConflictAsync(() => Store.EndAsync(Key, Make.End(1) with { Version = 1 }));

        await Store.EndAsync(Key, Make.End(1) with { Version = 2 });
        Assert.Empty((await LoadAsync()).Pending);
    }

    [Fact]
    public async Task Expired_Chat_DoesntExistForAnyRead()
    {
        await Store.CreateAsync(Make.Create(Key, settings: Expiring(Future)));
        await Store.AcceptAsync(Key, Make.Accept(Make.Ended(1, revision: 1)));
        await Store.CreateAsync(Make.Create(Make.Key("other")));

        await ExpireAsync(Key);

        Assert.Null(await Store.LoadAsync(Key, CancellationToken.None));
        Assert.Null(await Store.FindTurnAsync(Key, "turn-1", CancellationToken.None));
        Assert.Null(await Store.ReadInputAsync(Key, "turn-1", CancellationToken.None));
        Assert.Null(await Store.FindRequestAsync(Key, "request-1", CancellationToken.None));
        Assert.Null(await Store.FindRevisionAsync(Key, 1, SequenceRange.All, CancellationToken.None));
        Assert.Empty(await Store.ReadProgressAsync(Key, "turn-1", CancellationToken.None));
        Assert.Null(await Store.ReadLogAsync(Key, new LogRange(0, 10, 1000), CancellationToken.None));
        Assert.Null(await Store.ReadLogAsync(Key, new LogRange(0, 10, 1000) { Scope = LogScope.Whole }, CancellationToken.None));
        Assert.Equal(["other"], Ids(await ListAsync()));
        Assert.Equal(17, await Store.SumStoredBytesAsync(Key.Tenant, CancellationToken.None));
    }

    [Fact]
    public async Task Expired_Chat_DoesntExistForAnyStep()
    {
        await Store.CreateAsync(Make.Create(Key, settings: Expiring(Future)));
        await Store.AcceptAsync(Key, Make.Accept(Make.Ended(1, revision: 1)));

        await ExpireAsync(Key);

        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Queued(2), version: 2)));
        await AssertConflictAsync(() => Store.AcceptAsync(Key, Make.Accept(Make.Queued(1), version: 2)));
        await AssertConflictAsync(() => Store.UpdateSettingsAsync(Key, 2, Make.Settings(), Make.Time, 0));
        await AssertConflictAsync(() => Store.StopAsync(Key, new StopStep(1, "turn-1", TurnStop.Cancel)));
        await AssertConflictAsync(() => Store.ApplyAsync(
            Make.Key("fork"), new ForkStep(Make.Chat(Make.Key("fork")), Key, Make.Incarnation, [new SequenceRange(1, 1)], 10)));
        Assert.False(await Store.DeleteAsync(Key));
    }

    [Fact]
    public async Task Expired_ByEachStepThatCanSetIt()
    {
        await Store.CreateAsync(Make.Create(Key, settings: Expiring(Past)));
        Assert.Null(await Store.LoadAsync(Key, CancellationToken.None));

        await Store.CreateAsync(Make.Create(Key, settings: Lasting(TimeSpan.Zero)));
        Assert.Null(await Store.LoadAsync(Key, CancellationToken.None));

        await CreateAsync();
        await ExpireAsync(Key);
        Assert.Null(await Store.LoadAsync(Key, CancellationToken.None));

        await CreateAsync(Make.Running(1));
        await ExpireAsync(Key);
        var end = Make.End(1);
        await Store.EndAsync(Key, end with { Head = end.Head with { Ttl = TimeSpan.Zero } });
        Assert.Null(await Store.LoadAsync(Key, CancellationToken.None));
        Assert.Empty((await ListAsync()).Chats);
    }

    [Fact]
    public async Task Expired_ChatWithAPendingTurn_ExistsUntilItHasEnded()
    {
        await CreateAsync(Make.Running(1), Make.Queued(2));

        await ExpireAsync(Key);

        Assert.Equal(Past, (await LoadAsync()).Chat.ExpireTime);
        Assert.Equal([Key.ChatId], Ids(await ListAsync()));
        await Store.EndAsync(Key, Make.End(1, recorded: false));
        Assert.Equal("turn-2", Assert.Single((await LoadAsync()).Pending).TurnId);
        await Store.EndAsync(Key, Make.End(2, attempt: 0, owner: null, recorded: false));
        Assert.Null(await Store.LoadAsync(Key, CancellationToken.None));
        Assert.Empty((await ListAsync()).Chats);
    }

    [Fact]
    public async Task Expired_ChatWithAPendingTurn_IsKeptByTheTtlWithItsEnd()
    {
        await CreateAsync(Make.Running(1));
        await ExpireAsync(Key);
        var end = Make.End(1);

        await Store.EndAsync(Key, end with { Head = end.Head with { Ttl = TimeSpan.FromHours(1) } });

        Assert.Equal(1, (await LoadAsync()).Chat.Revision);
    }

    [Fact]
    public async Task Expired_Chat_CanBeCreatedAgainAtOnce()
    {
        await Store.CreateAsync(Make.Create(Key, pieces: 2, maxChats: 1, settings: Expiring(Future)));
        await Store.AcceptAsync(Key, Make.Accept(Make.Ended(3, revision: 1)));
        await ExpireAsync(Key);

        Assert.Null(await Store.CreateAsync(Make.Create(Key, pieces: 1, maxChats: 1)));

        Assert.Equal((0L, 1L), ((await LoadAsync()).Chat.Revision, (await LoadAsync()).LastSequence));
        Assert.Null(await Store.FindRequestAsync(Key, "request-3", CancellationToken.None));
        Assert.Single((await LogAsync()).Turns);
        await Assert.ThrowsAsync<ChatLimitException>(() => Store.CreateAsync(Make.Create(Make.Key("other"), maxChats: 1)));
        Assert.True(await Store.DeleteAsync(Key));
        Assert.Null(await Store.CreateAsync(Make.Create(Make.Key("other"), maxChats: 1)));
    }

    [Fact]
    public async Task Expired_Chats_DoNotCountTowardTheMaximumNumberOfChats()
    {
        for (var i = 0; i < 5; i++)
        {
            await Store.CreateAsync(Make.Create(Make.Key($"expired-{i}"), settings: Expiring(Past)));
        }

        await CreateAsync(Make.Ended(1, revision: 1));
        await Store.CreateAsync(Make.Create(Make.Key("pending")));
        await Store.AcceptAsync(Make.Key("pending"), Make.Accept(Make.Queued(1)));
        await ExpireAsync(Make.Key("pending"));
        await Store.CreateAsync(Make.Create(Make.Key("expired", "other"), settings: Expiring(Past)));

        var fork = new ForkStep(Make.Chat(Make.Key("fork"), Expiring(null)) with { Revision = 1, TurnCount = 1 }, Key, Make.Incarnation, [new SequenceRange(1, 1)], 3);
        Assert.Null((await Store.ApplyAsync(fork.Chat.Key, fork)).ExistingChat);
        await Assert.ThrowsAsync<ChatLimitException>(() => Store.CreateAsync(Make.Create(Make.Key("new"), maxChats: 3)));
        Assert.Null(await Store.CreateAsync(Make.Create(Make.Key("new"), maxChats: 4)));
        await Assert.ThrowsAsync<ChatLimitException>(() => Store.CreateAsync(Make.Create(Make.Key("another"), maxChats: 4)));
        Assert.Equal([Key.ChatId, "fork", "new", "pending"], Ids(await ListAsync()).Order());
    }

    [Fact]
    public async Task Expired_Chat_CanBeReplacedByAFork()
    {
        await CreateAsync(Make.Ended(1, revision: 1));
        await Store.CreateAsync(Make.Create(Make.Key("fork"), settings: Expiring(Past)));
        var chat = Make.Chat(Make.Key("fork"), Expiring(Future)) with { Revision = 1, TurnCount = 1 };

        var result = await Store.ApplyAsync(chat.Key, new ForkStep(chat, Key, Make.Incarnation, [new SequenceRange(1, 1)], 2));

        Assert.Null(result.ExistingChat);
        Assert.Equal((1L, Future), ((await LoadAsync(chat.Key)).Chat.Revision, (await LoadAsync(chat.Key)).Chat.ExpireTime));
    }

    [Fact]
    public async Task Expired_SourceOfAFork_LeavesTheForkWhole()
    {
        await CreateAsync(Make.Ended(1, revision: 1), Make.Ended(2, revision: 2));
        var chat = Make.Chat(Make.Key("fork"), Expiring(null)) with { Revision = 1, TurnCount = 1 };
        await Store.ApplyAsync(chat.Key, new ForkStep(chat, Key, Make.Incarnation, [new SequenceRange(1, 1)], 10));

        await ExpireAsync(Key);
        Assert.Null(await Store.CreateAsync(Make.Create(Key, pieces: 3)));

        var log = await Store.ReadLogAsync(chat.Key, new LogRange(0, 10, long.MaxValue), CancellationToken.None);
        Assert.Equal("turn-1", Assert.Single(log!.Turns).TurnId);
        Assert.Equal(Make.Queued(1).Input, log.Turns[0].Input);
    }

    [Fact]
    public async Task List_BetweenExpiredChats_HasFullPages()
    {
        for (var i = 0; i < 9; i++)
        {
            await Store.CreateAsync(Make.Create(Make.Key($"chat-{i}"), settings: Expiring(i % 3 == 0 ? null : Past)));
        }

        var first = await Store.ListAsync(new ChatListQuery(Key.Tenant, [], 2, null), CancellationToken.None);
        var second = await Store.ListAsync(new ChatListQuery(Key.Tenant, [], 2, first.Next), CancellationToken.None);

        Assert.Equal(["chat-0", "chat-3"], Ids(first));
        Assert.Equal(["chat-6"], Ids(second));
        Assert.Null(second.Next);
    }

    private static ChatSettings Expiring(DateTimeOffset? time)
    {
        var settings = Make.Settings();
        (settings.Ttl, settings.ExpireTime) = (null, time is { } set ? Timestamp.FromDateTimeOffset(set) : null);
        return settings;
    }

    private static ChatSettings Lasting(TimeSpan ttl)
    {
        var settings = Make.Settings();
        settings.Ttl = Duration.FromTimeSpan(ttl);
        return settings;
    }

    private async Task RecordAsync(long sequence, TimeSpan ttl, long version = 1, long? revision = null)
    {
        var recorded = Make.Accept(Make.Ended(sequence, revision ?? sequence), version);
        await Store.AcceptAsync(Key, recorded with { Head = recorded.Head! with { Ttl = ttl } });
    }

    private async Task ExpireAsync(ChatKey key) =>
        await Store.ApplyAsync(key, new UpdateStep(1, Expiring(Past), Make.Time, 0) { SetsExpiry = true });

    private async Task<DateTimeOffset> ExpireTimeAsync(ChatKey key)
    {
        var time = (await LoadAsync(key)).Chat.ExpireTime;
        Assert.NotNull(time);
        return time.Value;
    }
}
