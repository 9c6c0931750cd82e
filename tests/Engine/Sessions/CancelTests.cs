using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

public sealed class CancelTests
{
    private readonly ChatWorld _world = new();

    [Fact]
    public async Task CancelTurnAsync_Running_EndsDurablyWithWhatHadCome()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("par");
        await chat.ReadOnceAsync(turn.TurnId, afterOffset: 1);

        var ended = await chat.CancelAsync(turn.TurnId);

        await call.Stopped;
        Assert.Equal((Turn.Types.State.Cancelled, false, 1L), (ended.State, ended.Curated, ended.Revision));
        Assert.Equal(TurnState.Cancelled, (await _world.TurnAsync(turn.TurnId)).State);
        Assert.Equal("u:u1 m:par", await chat.HistoryAsync());
        Assert.Equal("", await chat.HistoryAsync(curated: true));
    }

    [Fact]
    public async Task CancelTurnAsync_ModelIgnoresIt_TurnEndsAndTheNextOneRuns()
    {
        _world.Model.IgnoresCancellation = true;
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("par");
        await chat.ReadOnceAsync(turn.TurnId, afterOffset: 1);
        var next = await chat.SendAsync("u2");

        var ended = await chat.CancelAsync(turn.TurnId);

        Assert.Equal((Turn.Types.State.Cancelled, 1L), (ended.State, ended.Revision));
        (await _world.Model.NextCallAsync()).Finish("m2");
        await chat.EndOfAsync(next.TurnId);
        call.Finish("late");
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await call.Request.ReadHistoryAsync(CancellationToken.None));
        Assert.Equal("u:u1 m:par u:u2 m:m2", await chat.HistoryAsync());
    }

    [Fact]
    public async Task CancelTurnAsync_RunningAndNothingCame_LeavesNothing()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        await _world.Model.NextCallAsync();

        var ended = await chat.CancelAsync(turn.TurnId);

        Assert.Equal((Turn.Types.State.Cancelled, 0L), (ended.State, ended.Revision));
        Assert.Equal("", await chat.HistoryAsync());
    }

    [Fact]
    public async Task CancelTurnAsync_Queued_EndsAtOnceAndTheOthersRun()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        var first = await _world.Model.NextCallAsync();
        var queued = await chat.SendAsync("u2");
        var last = await chat.SendAsync("u3");
        var read = chat.ReadToEndAsync(queued.TurnId);

        var ended = await chat.CancelAsync(queued.TurnId);

        Assert.Equal((Turn.Types.State.Cancelled, 0, 0L), (ended.State, ended.Attempt, ended.Revision));
        Assert.Equal("ended", Messages.Line(await read));
        first.Finish("m1");
        (await _world.Model.NextCallAsync()).Finish("m3");
        Assert.Equal(2, (await chat.EndOfAsync(last.TurnId)).Revision);
        Assert.Equal("u:u1 m:m1 u:u3 m:m3", await chat.HistoryAsync());
    }

    [Fact]
    public async Task CancelTurnAsync_Ended_StaysAsItIs()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        (await _world.Model.NextCallAsync()).Finish("m1");
        var ended = await chat.EndOfAsync(turn.TurnId);

        Assert.Equal(ended, await chat.CancelAsync(turn.TurnId));
    }

    [Fact]
    public async Task CancelTurnAsync_TwiceAtOnce_BothGetTheEnd()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        await _world.Model.NextCallAsync();

        var ended = await Task.WhenAll(chat.CancelAsync(turn.TurnId), chat.CancelAsync(turn.TurnId));

        Assert.All(ended, t => Assert.Equal(Turn.Types.State.Cancelled, t.State));
    }

    [Fact]
    public async Task CancelTurnAsync_NoSuchTurn_NotFound()
    {
        var chat = await _world.NewChatAsync();

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.CancelAsync("t"));

        Assert.Equal((Code.NotFound, "TURN_NOT_FOUND"), (failure.Code, failure.Reason));
    }

    [Fact]
    public async Task CancelTurnAsync_ModelDoesNotListen_TurnEndsAsTheModelDid()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var gate = _world.Store.HoldOnce(nameof(EndStep));
        call.Finish("m1");
        await gate.Reached;
        var cancel = chat.CancelAsync(turn.TurnId);

        gate.Open();

        Assert.Equal(Turn.Types.State.Completed, (await cancel).State);
    }

    [Fact]
    public async Task CancelTurnAsync_RunningElsewhere_EndsOnceItsOwnerIsGone()
    {
        var owner = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(owner);
        var turn = await chat.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var other = await _world.NewServer().OpenAsync();
        await _world.Time.WaitForTimerAsync(_world.Options.RemoteTurnPollInterval);

        var cancel = other.CancelAsync(turn.TurnId);
        await other.SettleAsync();
        owner.Leave();
        _world.Time.Advance(_world.Options.RemoteTurnPollInterval);

        Assert.Equal(Turn.Types.State.Cancelled, (await cancel).State);
        Assert.Equal(1, _world.Model.Calls);
    }

    [Fact]
    public async Task CancelTurnAsync_RunningElsewhereAndEndsThere_ReturnsThatEnd()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var other = await _world.NewServer().OpenAsync();
        await _world.Time.WaitForTimerAsync(_world.Options.RemoteTurnPollInterval);

        var cancel = other.CancelAsync(turn.TurnId);
        await other.SettleAsync();
        call.Finish("m1");
        await chat.EndOfAsync(turn.TurnId);
        _world.Time.Advance(_world.Options.RemoteTurnPollInterval);

        Assert.Equal(Turn.Types.State.Completed, (await cancel).State);
    }
}
