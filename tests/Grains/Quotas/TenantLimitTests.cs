using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;

namespace GenAI.Chats.Grains.Tests.Quotas;

public sealed class TenantLimitTests
{
    private readonly ChatWorld _world = new();
    private readonly TestLeases _leases;

    public TenantLimitTests() => _leases = TestLeases.Add(_world);

    [Fact]
    public async Task AcceptAsync_NoLimits_MakesNoCalls()
    {
        var chat = await NewChatAsync(_world.NewServer());

        await SendAsync(chat);

        Assert.Equal(0, _leases.Requests);
    }

    [Fact]
    public async Task AcceptAsync_ManyAtOnceOverTheLimit_AsManyAsMayRunAndTheOthersLeaveNothing()
    {
        const int Most = 100;
        Limit(new() { ConcurrentTurns = Most });
        var server = _world.NewServer();
        var chats = await Task.WhenAll(Enumerable.Range(0, 1200).Select(i => NewChatAsync(server, $"chat-{i}")));

        var sends = chats.Select((chat, i) => chat.SendAsync("hello", $"request-{i}")).ToArray();

        await Task.WhenAll(sends.Select(send => send.ContinueWith(_ => { }, TaskScheduler.Default)));
        var accepted = sends.Count(send => send.IsCompletedSuccessfully);
        Assert.Equal(Most, accepted);
        Assert.Equal(Most, server.State.Slots.Running);
        for (var i = 0; i < sends.Length; i++)
        {
            var snapshot = (await _world.Store.LoadAsync(Key(i), CancellationToken.None))!;
            Assert.Equal(sends[i].IsCompletedSuccessfully ? 1 : 0, snapshot.LastSequence);
        }

        // Those that were refused say why, and their request ids are as new: one after the other gets in when another is done.
        var refused = Enumerable.Range(0, sends.Length).First(i => sends[i].IsFaulted);
        var failure = Assert.IsType<ChatException>(sends[refused].Exception!.InnerException);
        Assert.Equal((Code.ResourceExhausted, "TENANT_CONCURRENT_TURNS", "ConcurrentTurns", "100"), (failure.Code, failure.Reason, failure.Metadata["limit"], failure.Metadata["limit_value"]));
        Assert.True(failure.RetryDelay > TimeSpan.Zero);
        (await _world.Model.NextCallAsync()).Finish("done");
        var turn = await RetryAsync(() => chats[refused].SendAsync("hello", $"request-{refused}"));
        Assert.Equal(1, (await _world.Store.LoadAsync(Key(refused), CancellationToken.None))!.LastSequence);
        Assert.Equal($"request-{refused}", turn.RequestId);
    }

    [Fact]
    public async Task AcceptAsync_WhileATurnIsBeingAccepted_CountsItOnce()
    {
        Limit(new() { ConcurrentTurns = 4 });
        var server = _world.NewServer();
        var chat = await NewChatAsync(server);
        var other = await NewChatAsync(server, "other");
        await chat.SendAsync("u1");
        await chat.SendAsync("u2");

        // Durable already, and not answered: the turn that it puts an end to is not done.
        var gate = _world.Store.HoldOnce(nameof(EndStep));
        var third = chat.SendAsync("u3", onBusy: BusyPolicy.Interrupt);
        await gate.Reached;

        await other.SendAsync("u4");
        Assert.Equal("TENANT_CONCURRENT_TURNS", await RefusedAsync(other));
        gate.Open();
        await third;
    }

    [Fact]
    public async Task AcceptAsync_RetriesOfKnownRequests_JoinTheirTurnsOverTheLimit()
    {
        Limit(new() { ConcurrentTurns = 1, TurnsPerMinute = 2 });
        var server = _world.NewServer();
        var chat = await NewChatAsync(server);
        var first = await chat.SendAsync("u1", "first");
        (await _world.Model.NextCallAsync()).Finish("m1");
        await chat.EndOfAsync(first.TurnId);
        var second = await chat.SendAsync("u2", "second");

        Assert.Equal("TENANT_CONCURRENT_TURNS", await RefusedAsync(chat, "third"));
        Assert.Equal(first, await chat.SendAsync("u1", "first"));
        Assert.Equal(second, await chat.SendAsync("u2", "second"));

        (await _world.Model.NextCallAsync()).Finish("m2");
        await chat.EndOfAsync(second.TurnId);
        Assert.Equal("TENANT_TURNS_PER_MINUTE", await RefusedAsync(chat, "third"));
        Assert.Equal(first, await chat.SendAsync("u1", "first"));
        Assert.Equal("u:u1 m:m1 u:u2 m:m2", await chat.HistoryAsync());
    }

    [Fact]
    public async Task AcceptAsync_RetriesThatJoin_UseUpNothing()
    {
        Limit(new() { TurnsPerMinute = 2 });
        var chat = await NewChatAsync(_world.NewServer());
        for (var i = 0; i < 10; i++)
        {
            await chat.SendAsync("u1", "first");
        }

        await chat.SendAsync("u2", "second");

        Assert.Equal("TENANT_TURNS_PER_MINUTE", await RefusedAsync(chat, "third"));
    }

    [Fact]
    public async Task AcceptAsync_TurnsAMinute_SaysWhenThereIsAnother()
    {
        Limit(new() { TurnsPerMinute = 6 });
        var chat = await NewChatAsync(_world.NewServer());
        for (var i = 0; i < 6; i++)
        {
            await chat.SendAsync($"u{i}");
        }

        var refusal = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("more"));
        Assert.Equal(("TENANT_TURNS_PER_MINUTE", "TurnsPerMinute", "6"), (refusal.Reason, refusal.Metadata["limit"], refusal.Metadata["limit_value"]));
        _world.Time.Advance(refusal.RetryDelay!.Value - TimeSpan.FromMilliseconds(1));
        Assert.Equal("TENANT_TURNS_PER_MINUTE", await RefusedAsync(chat));
        _world.Time.Advance(TimeSpan.FromMilliseconds(1));

        await chat.SendAsync("more");
        Assert.Equal("TENANT_TURNS_PER_MINUTE", await RefusedAsync(chat));
    }

    [Fact]
    public async Task AcceptAsync_OtherTenant_IsNotConcerned()
    {
        Limit(new() { ConcurrentTurns = 1 });
        var server = _world.NewServer();
        await (await NewChatAsync(server)).SendAsync("u1");
        var other = await NewChatAsync(server, tenant: "other");

        await other.SendAsync("u1");

        Assert.Equal("TENANT_CONCURRENT_TURNS", await RefusedAsync(other));
    }

    [Fact]
    public async Task AcceptAsync_LimitRaisedAndLowered_HoldsFromThen()
    {
        Limit(new() { ConcurrentTurns = 1 });
        var server = _world.NewServer();
        var chat = await NewChatAsync(server);
        await chat.SendAsync("u1");
        Assert.Equal("TENANT_CONCURRENT_TURNS", await RefusedAsync(chat));

        Limit(new() { ConcurrentTurns = 3 });
        await chat.SendAsync("u2");
        await chat.SendAsync("u3");
        Limit(new() { ConcurrentTurns = 1 });

        // Those above the lowered limit run to their end; there is room only when none is left.
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal("TENANT_CONCURRENT_TURNS", await RefusedAsync(chat));
            (await _world.Model.NextCallAsync()).Finish($"m{i}");
        }

        await RetryAsync(() => chat.SendAsync("u4"));
        Assert.Equal("u:u1 m:m1 u:u2 m:m2 u:u3 m:m3", await chat.HistoryAsync());
    }

    [Fact]
    public async Task AcceptAsync_LimitIsSetWhileTurnsRun_CountsThem()
    {
        var chat = await NewChatAsync(_world.NewServer());
        await chat.SendAsync("u1");
        await chat.SendAsync("u2");

        Limit(new() { ConcurrentTurns = 2 });

        Assert.Equal("TENANT_CONCURRENT_TURNS", await RefusedAsync(chat));
    }

    [Fact]
    public async Task AcceptAsync_StoredBytes_RefusesWhatWouldGoBeyondAndMakesRoomByDeletes()
    {
        Limit(new() { StoredBytes = 1000 });
        var server = _world.NewServer();
        var chat = await NewChatAsync(server, "first", history: Messages.User(new string('x', 600)));
        var other = await NewChatAsync(server, "second", history: Messages.User(new string('x', 200)));

        var failure = await Assert.ThrowsAsync<ChatException>(() => other.SendAsync(new string('x', 300)));
        Assert.Equal(("TENANT_STORED_BYTES", "1000", null), (failure.Reason, failure.Metadata["limit_value"], failure.RetryDelay));
        var create = await Assert.ThrowsAsync<ChatException>(() => NewChatAsync(server, "third", history: Messages.User(new string('x', 300))));
        Assert.Equal("TENANT_STORED_BYTES", create.Reason);
        Assert.Null(await _world.Store.LoadAsync(new ChatKey("default", "third"), CancellationToken.None));

        await chat.DeleteAsync();
        await SendAsync(other, new string('x', 300));
    }

    [Fact]
    public async Task AcceptAsync_StoredBytesFromBefore_AreCounted()
    {
        await NewChatAsync(_world.NewServer(), "first", history: Messages.User(new string('x', 900)));
        Limit(new() { StoredBytes = 1000 });
        var chat = await NewChatAsync(_world.NewServer(), "second");

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync(new string('x', 200)));

        Assert.Equal("TENANT_STORED_BYTES", failure.Reason);
        await SendAsync(chat, "short");
    }

    [Fact]
    public async Task Update_BeyondStoredBytes_IsRejected()
    {
        Limit(new() { StoredBytes = 5000 });
        var chat = await NewChatAsync(_world.NewServer());

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.UpdateAsync(Update(6000)));

        Assert.Equal((Code.ResourceExhausted, "TENANT_STORED_BYTES"), (failure.Code, failure.Reason));
        await chat.UpdateAsync(Update(1000));
    }

    private static UpdateChatRequest Update(int size) =>
        new() { Chat = new Chat { DisplayName = new string('x', size) }, UpdateMask = FieldMask.FromString("display_name") };

    private static ChatKey Key(int i) => new(ChatWorld.Tenant, $"chat-{i}");

    private void Limit(TenantLimits limits) => _world.Limits.Change(new() { Default = limits });

    private static async Task<TestSession> NewChatAsync(
        TestServer server, string chatId = ChatWorld.ChatId, string tenant = ChatWorld.Tenant, params Content[] history)
    {
        var session = await server.OpenAsync(chatId, tenant);
        await session.CreateAsync(ChatWorld.Creation(history));
        return session;
    }

    /// <summary>A turn from its start to its end.</summary>
    private async Task SendAsync(TestSession chat, string text = "hello")
    {
        var turn = await chat.SendAsync(text);
        (await _world.Model.NextCallAsync()).Finish("m");
        await chat.EndOfAsync(turn.TurnId);
    }

    private static async Task<string> RefusedAsync(TestSession chat, string requestId = "") =>
        (await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("more", requestId))).Reason;

    // A turn's end and its slot come a moment after the model has said its last.
    private static async Task<AcceptedTurn> RetryAsync(Func<Task<AcceptedTurn>> send)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            try
            {
                return await send();
            }
            catch (ChatException refused) when (refused.Reason == "TENANT_CONCURRENT_TURNS")
            {
                await Task.Yield();
            }
        }
    }
}
