using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

public sealed class BusyPolicyTests
{
    private readonly ChatWorld _world = new(new ChatsOptions { MaxQueuedTurns = 2 });

    [Theory]
    [InlineData(BusyPolicy.Unspecified)]
    [InlineData(BusyPolicy.Enqueue)]
    public async Task Enqueue_QueueFull_ResourceExhaustedAndNothingIsKept(BusyPolicy policy)
    {
        var chat = await _world.NewChatAsync();
        for (var i = 0; i < 3; i++)
        {
            await chat.SendAsync($"u{i}");
        }

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("one more", onBusy: policy));

        Assert.Equal((Code.ResourceExhausted, "QUEUE_FULL"), (failure.Code, failure.Reason));
        Assert.NotNull(failure.RetryDelay);
        Assert.Equal(3, (await _world.LoadAsync()).LastSequence);
    }

    [Fact]
    public async Task Reject_IdleChat_Runs()
    {
        var chat = await _world.NewChatAsync();

        var turn = await chat.SendAsync("hello", onBusy: BusyPolicy.Reject);

        (await _world.Model.NextCallAsync()).Finish("hi");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
    }

    [Fact]
    public async Task Reject_BusyChat_FailedPrecondition()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("hello");

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("me", onBusy: BusyPolicy.Reject));

        Assert.Equal((Code.FailedPrecondition, "CHAT_BUSY"), (failure.Code, failure.Reason));
        Assert.Equal(1, (await _world.LoadAsync()).LastSequence);
    }

    [Fact]
    public async Task Interrupt_SeveralBefore_CancelsThemAllAndKeepsWhatHadCome()
    {
        var chat = await _world.NewChatAsync();
        var running = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("par");
        var waiting = await chat.SendAsync("u2");
        var last = await chat.SendAsync("u3");
        await chat.ReadOnceAsync(running.TurnId, afterOffset: 1);

        var turn = await chat.SendAsync("u4", onBusy: BusyPolicy.Interrupt);

        await call.Stopped;
        var next = await _world.Model.NextCallAsync();
        Assert.Equal("u:u4", next.Sent);
        next.Finish("m4");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
        Assert.Equal("started par ended", Messages.Line(await chat.ReadToEndAsync(running.TurnId)));
        foreach (var id in new[] { running.TurnId, waiting.TurnId, last.TurnId })
        {
            Assert.Equal(Turn.Types.State.Cancelled, (await chat.GetTurnAsync(id)).State);
        }

        Assert.Equal("ended", Messages.Line(await chat.ReadToEndAsync(last.TurnId)));
        Assert.Equal("u:u1 m:par u:u4 m:m4", await chat.HistoryAsync());
        Assert.Equal("u:u4 m:m4", await chat.HistoryAsync(curated: true));
        Assert.Equal(2, _world.Model.Calls);
    }

    [Fact]
    public async Task Rollback_SeveralBefore_KeepsNothingOfThem()
    {
        var chat = await _world.NewChatAsync();
        var running = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("par");
        await chat.SendAsync("u2");
        await chat.ReadOnceAsync(running.TurnId, afterOffset: 1);

        var turn = await chat.SendAsync("u3", onBusy: BusyPolicy.Rollback);

        var next = await _world.Model.NextCallAsync();
        Assert.Equal("u:u3", next.Sent);
        next.Finish("m3");
        Assert.Equal(1, (await chat.EndOfAsync(turn.TurnId)).Revision);
        Assert.Equal("u:u3 m:m3", await chat.HistoryAsync());

        // Who had read the chunk reads on: the end comes behind it.
        var end = Assert.Single(await chat.ReadToEndAsync(running.TurnId, afterOffset: 2));
        Assert.Equal((3, Turn.Types.State.Cancelled), (end.Offset, end.Ended.State));
    }

    [Fact]
    public async Task Rollback_TurnHasAnsweredAndIsAboutToEnd_KeepsNothingOfIt()
    {
        var chat = await _world.NewChatAsync();
        var running = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var gate = _world.Store.HoldOnce(nameof(AcceptStep));
        var send = chat.SendAsync("u2", onBusy: BusyPolicy.Rollback);
        await gate.Reached;
        call.Finish("m1");
        await chat.ReadOnceAsync(running.TurnId, afterOffset: 1);

        gate.Open();
        var turn = await send;

        (await _world.Model.NextCallAsync()).Finish("m2");
        Assert.Equal(1, (await chat.EndOfAsync(turn.TurnId)).Revision);
        Assert.Equal(Turn.Types.State.Cancelled, (await chat.GetTurnAsync(running.TurnId)).State);
        Assert.Equal("u:u2 m:m2", await chat.HistoryAsync());
    }

    [Theory]
    [InlineData(BusyPolicy.Interrupt)]
    [InlineData(BusyPolicy.Rollback)]
    public async Task Interrupt_QueueFull_IsAccepted(BusyPolicy policy)
    {
        var chat = await _world.NewChatAsync();
        for (var i = 0; i < 3; i++)
        {
            await chat.SendAsync($"u{i}");
        }

        await _world.Model.NextCallAsync();
        var turn = await chat.SendAsync("me", onBusy: policy);

        (await _world.Model.NextCallAsync()).Finish("m");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
    }

    [Fact]
    public async Task Interrupt_IdleChat_Runs()
    {
        var chat = await _world.NewChatAsync();

        var turn = await chat.SendAsync("u1", onBusy: BusyPolicy.Interrupt);

        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
    }
}
