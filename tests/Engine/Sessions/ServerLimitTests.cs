using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

public sealed class ServerLimitTests
{
    private readonly ChatWorld _world = new();
    private readonly TestServer _server;

    public ServerLimitTests()
    {
        Limit(new() { ConcurrentTurns = 1, MaxQueuedChats = 10 });
        _server = _world.NewServer();
    }

    [Fact]
    public async Task AcceptAsync_NoSlot_WaitsDurablyAndStartsWhenOneIsFree()
    {
        await (await NewChatAsync("first")).SendAsync("u1");
        var first = await _world.Model.NextCallAsync();
        var chat = await NewChatAsync("second");

        var turn = await chat.SendAsync("u2");

        Assert.Equal(TurnState.Queued, (await TurnAsync("second", turn)).State);
        await chat.SettleAsync();
        Assert.True(chat.IsKeptActive);
        Assert.Equal(1, _world.Model.Calls);
        first.Finish("m1");
        (await _world.Model.NextCallAsync()).Finish("m2");
        Assert.Equal(V1.Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
    }

    [Fact]
    public async Task AcceptAsync_SlotIsFree_StartsWithTheSameCommit()
    {
        var chat = await NewChatAsync("first");
        var starts = 0;
        _world.Store.Around = (name, call) =>
        {
            starts += name == nameof(StartStep) ? 1 : 0;
            return call();
        };

        await chat.SendAsync("u1");

        await _world.Model.NextCallAsync();
        Assert.Equal(0, starts);
    }

    [Fact]
    public async Task AcceptAsync_ManyTenantsAndChats_StartInTurns()
    {
        await (await NewChatAsync("running")).SendAsync("busy");
        foreach (var (tenant, id) in new[] { ("a", "1"), ("a", "2"), ("a", "3"), ("b", "1"), ("c", "1"), ("b", "2") })
        {
            var chat = await NewChatAsync(id, tenant);
            await chat.SendAsync($"{tenant}{id}");
            await chat.SendAsync($"{tenant}{id}+");
            await chat.SettleAsync();
        }

        var order = new List<string>();
        for (var i = 0; i < 13; i++)
        {
            var call = await _world.Model.NextCallAsync();
            order.Add(call.Request.Contents[0].Parts[0].Text);
            call.Finish("m");
        }

        // A chat's next turn comes when it is the chat's turn again.
        Assert.Equal(["busy", "a1", "b1", "c1", "a2", "b2"], order.Take(6));
        Assert.Equal(12, order.Skip(1).Distinct().Count());
        Assert.True(order.IndexOf("a1+") > order.IndexOf("a3"));
        Assert.InRange(order.IndexOf("c1+"), 6, 8);
    }

    [Fact]
    public async Task AcceptAsync_AsManyWaitAsMay_IsRefusedAndRetriesJoin()
    {
        Limit(new() { ConcurrentTurns = 1, MaxQueuedChats = 1 });
        var first = await NewChatAsync("first");
        var running = await first.SendAsync("u1", "known");
        var waiting = await NewChatAsync("second");
        await waiting.SendAsync("u2");
        await waiting.SettleAsync();

        var failure = await Assert.ThrowsAsync<ChatException>(async () => await (await NewChatAsync("third")).SendAsync("u3"));

        Assert.Equal((Code.ResourceExhausted, "SERVER_BUSY", "Server:ConcurrentTurns", "1"), (failure.Code, failure.Reason, failure.Metadata["limit"], failure.Metadata["limit_value"]));
        Assert.True(failure.RetryDelay > TimeSpan.Zero);
        Assert.Equal("SERVER_BUSY", (await Assert.ThrowsAsync<ChatException>(() => first.SendAsync("u4"))).Reason);
        Assert.Equal(running, await first.SendAsync("u1", "known"));
    }

    [Fact]
    public async Task CancelTurn_ChatWaitsInLine_EndsAtOnceAndTheNextGetsItsPlace()
    {
        await (await NewChatAsync("first")).SendAsync("u1");
        var first = await _world.Model.NextCallAsync();
        var chat = await NewChatAsync("second");
        var cancelled = await chat.SendAsync("u2");
        Assert.Equal(V1.Turn.Types.State.Cancelled, (await chat.CancelAsync(cancelled.TurnId)).State);
        var kept = await chat.SendAsync("u3");

        first.Finish("m1");

        (await _world.Model.NextCallAsync()).Finish("m3");
        Assert.Equal(V1.Turn.Types.State.Completed, (await chat.EndOfAsync(kept.TurnId)).State);
        Assert.Equal("u:u3 m:m3", await chat.HistoryAsync());
    }

    [Fact]
    public async Task CancelTurn_FirstOfSeveralTurnsInLine_TheChatKeepsItsPlace()
    {
        await (await NewChatAsync("first")).SendAsync("u1");
        var first = await _world.Model.NextCallAsync();
        var chat = await NewChatAsync("second");
        var cancelled = await chat.SendAsync("u2");
        await chat.SendAsync("u3");
        await chat.SettleAsync();
        await (await NewChatAsync("third")).SendAsync("u4");
        await chat.CancelAsync(cancelled.TurnId);

        first.Finish("m1");

        Assert.Equal("u:u3", (await _world.Model.NextCallAsync()).Sent);
    }

    [Fact]
    public async Task CancelTurn_OnlyTurnInLine_LeavesTheSlotToOthers()
    {
        await (await NewChatAsync("first")).SendAsync("u1");
        var first = await _world.Model.NextCallAsync();
        var chat = await NewChatAsync("second");
        await chat.CancelAsync((await chat.SendAsync("u2")).TurnId);
        var third = await NewChatAsync("third");
        var turn = await third.SendAsync("u3");

        first.Finish("m1");

        (await _world.Model.NextCallAsync()).Finish("m3");
        Assert.Equal(V1.Turn.Types.State.Completed, (await third.EndOfAsync(turn.TurnId)).State);
    }

    [Fact]
    public async Task DeleteChat_WaitsInLine_LeavesTheSlotToOthers()
    {
        await (await NewChatAsync("first")).SendAsync("u1");
        var first = await _world.Model.NextCallAsync();
        var chat = await NewChatAsync("second");
        await chat.SendAsync("u2");
        await chat.DeleteAsync();
        var third = await NewChatAsync("third");
        await third.SendAsync("u3");

        first.Finish("m1");

        Assert.Equal("u:u3", (await _world.Model.NextCallAsync()).Sent);
    }

    [Fact]
    public async Task Wake_ChatWaitsInLine_IsLeftThere()
    {
        await (await NewChatAsync("first")).SendAsync("u1");
        var chat = await NewChatAsync("second");
        await chat.SendAsync("u2");
        await chat.SettleAsync();
        var loads = 0;
        _world.Store.Around = (name, call) =>
        {
            loads += name == nameof(IChatStore.LoadAsync) ? 1 : 0;
            return call();
        };

        Assert.True(await chat.WakeAsync());

        Assert.Equal(0, loads);
    }

    [Fact]
    public async Task BeginDrain_ChatsWaitInLine_AreLeftToAnotherServer()
    {
        await (await NewChatAsync("first")).SendAsync("u1");
        var first = await _world.Model.NextCallAsync();
        var chat = await NewChatAsync("second");
        var turn = await chat.SendAsync("u2");
        await chat.SettleAsync();

        var drained = _server.State.BeginDrain();
        first.Finish("m1");

        await drained.WaitAsync(Patience.Limit);
        await chat.SettleAsync();
        Assert.False(chat.IsKeptActive);
        var other = await _world.NewServer().OpenAsync("second");
        (await _world.Model.NextCallAsync()).Finish("m2");
        Assert.Equal(V1.Turn.Types.State.Completed, (await other.EndOfAsync(turn.TurnId)).State);
    }

    [Fact]
    public async Task AcceptAsync_MemoryIsHigh_IsRefusedUntilItFallsAndWhatRunsGoesOn()
    {
        Limit(new() { MaxMemoryUtilization = 0.85 });
        var chat = await NewChatAsync("first");
        var turn = await chat.SendAsync("u1", "known");
        _server.MemoryUse = new(90, 100, 1);
        _server.Memory.Measure();

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u2"));

        Assert.Equal((Code.ResourceExhausted, "SERVER_MEMORY", "Server:MaxMemoryUtilization", "85"), (failure.Code, failure.Reason, failure.Metadata["limit"], failure.Metadata["limit_value"]));
        Assert.True(failure.RetryDelay > TimeSpan.Zero);
        Assert.Equal(turn, await chat.SendAsync("u1", "known"));
        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal(V1.Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
        _server.MemoryUse = new(79, 100, 1);
        _server.Memory.Measure();
        await chat.SendAsync("u2");
    }

    private void Limit(ServerLimits limits) => _world.Limits.Change(new() { Server = limits });

    private async Task<TestSession> NewChatAsync(string id, string tenant = ChatWorld.Tenant)
    {
        var session = await _server.OpenAsync(id, tenant);
        await session.CreateAsync(ChatWorld.Creation());
        return session;
    }

    private async Task<TurnRecord> TurnAsync(string chatId, AcceptedTurn turn) =>
        (await _world.Store.FindTurnAsync(new ChatKey(ChatWorld.Tenant, chatId), turn.TurnId, CancellationToken.None))!;
}
