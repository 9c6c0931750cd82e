using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

public sealed class DrainTests
{
    private readonly ChatWorld _world = new();
    private readonly TestServer _server;

    public DrainTests() => _server = _world.NewServer();

    [Fact]
    public async Task BeginDrain_TurnRuns_EndsAndTheDrainWithIt()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();

        var drained = _server.State.BeginDrain();

        Assert.False(drained.IsCompleted);
        call.Finish("m1");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
        await drained.WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task BeginDrain_SendComes_IsAcceptedAndLeftToAnotherServer()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        await _server.State.BeginDrain().WaitAsync(Patience.Limit);

        var turn = await chat.SendAsync("u1");

        await chat.SettleAsync();
        Assert.Equal(TurnState.Queued, (await _world.TurnAsync(turn.TurnId)).State);
        Assert.False(chat.IsKeptActive);
        Assert.Equal([ChatWorld.Key], await _world.Store.AbandonedAsync(10));
        var other = await _world.NewServer().OpenAsync();
        (await _world.Model.NextCallAsync()).Finish("m1");
        var ended = await other.EndOfAsync(turn.TurnId);
        Assert.Equal((Turn.Types.State.Completed, 1), (ended.State, ended.Attempt));
    }

    [Fact]
    public async Task BeginDrain_TurnsWait_AreLeftToAnotherServer()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var queued = await chat.SendAsync("u2");
        var drained = _server.State.BeginDrain();

        call.Finish("m1");

        await drained.WaitAsync(Patience.Limit);
        Assert.Equal(TurnState.Queued, (await _world.TurnAsync(queued.TurnId)).State);
        Assert.Equal(1, _world.Model.Calls);
    }

    [Fact]
    public async Task BeginDrain_SendComesAndThereIsAnotherServer_MovesThereWithTheTurnAccepted()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        chat.CanMove = true;
        await _server.State.BeginDrain().WaitAsync(Patience.Limit);

        var turn = await chat.SendAsync("u1");

        await chat.SettleAsync();
        Assert.True(chat.HasMoved);
        Assert.False(chat.IsKeptActive);
        Assert.Empty(_server.TakeOrphans());
        Assert.Equal(TurnState.Queued, (await _world.TurnAsync(turn.TurnId)).State);
        await Assert.ThrowsAsync<ChatConflictException>(() => chat.ReadOnceAsync(turn.TurnId));
        await Assert.ThrowsAsync<ChatConflictException>(() => chat.SendAsync("u2"));
    }

    [Fact]
    public async Task BeginDrain_TurnWaitsBehindOneThatRuns_MovesWhenThatHasEndedAndSendsItsReadersAfterIt()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        chat.CanMove = true;
        var first = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var second = await chat.SendAsync("u2");
        var read = chat.ReadOnceAsync(second.TurnId);
        var drained = _server.State.BeginDrain();
        await chat.SettleAsync();
        Assert.False(chat.HasMoved);

        call.Finish("m1");

        await drained.WaitAsync(Patience.Limit);
        await Assert.ThrowsAsync<ChatConflictException>(() => read);
        Assert.True(chat.HasMoved);
        Assert.Equal(TurnState.Completed, (await _world.TurnAsync(first.TurnId)).State);
        Assert.Equal(1, _world.Model.Calls);
    }

    [Fact]
    public async Task ReleaseAll_TurnRunsAndThereIsAnotherServer_IsReleasedAndMoves()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        chat.CanMove = true;
        var turn = await chat.SendAsync("u1");
        await _world.Model.NextCallAsync();
        _ = _server.State.BeginDrain();

        await _server.State.ReleaseAllAsync().WaitAsync(Patience.Limit);

        await chat.SettleAsync();
        Assert.True(chat.HasMoved);
        var released = await _world.TurnAsync(turn.TurnId);
        Assert.Equal((TurnState.Queued, null, 0), (released.State, released.Owner, released.UsedAttempts));
    }

    [Fact]
    public async Task ReleaseAll_TurnRuns_IsReleasedAndUsesUpNoAttempt()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("void");
        var seen = (await chat.ReadOnceAsync(turn.TurnId, afterOffset: 1)).Decode().Last().Offset;
        var read = chat.ReadOnceAsync(turn.TurnId, seen);
        await chat.SettleAsync();
        _ = _server.State.BeginDrain();

        await _server.State.ReleaseAllAsync().WaitAsync(Patience.Limit);

        await call.Stopped;
        var failure = await Assert.ThrowsAsync<ChatException>(() => read);
        Assert.Equal((Code.Unavailable, "SERVER_STOPPING"), (failure.Code, failure.Reason));
        var record = await _world.TurnAsync(turn.TurnId);
        Assert.Equal((TurnState.Queued, 1, 0, null, null), (record.State, record.Attempt, record.UsedAttempts, record.Owner, record.StartTime));

        var other = await _world.NewServer().OpenAsync();
        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal("started m1 ended", Messages.Line(await other.ReadToEndAsync(turn.TurnId, seen)));
        record = await _world.TurnAsync(turn.TurnId);
        Assert.Equal((2, 0), (record.Attempt, record.UsedAttempts));
    }

    [Fact]
    public async Task ReleaseAll_EndOfTheTurnBeforeIsTriedAgain_StartedTurnIsReleased()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        _world.Store.FailOnce(nameof(EndStep), afterwards: true);
        call.Finish("m1");
        await _world.Time.WaitForTimerAsync(TimeSpan.FromSeconds(1));
        var turn = await chat.SendAsync("u2");
        Assert.Equal(TurnState.Running, (await _world.TurnAsync(turn.TurnId)).State);

        await _server.State.ReleaseAllAsync().WaitAsync(Patience.Limit);

        var released = await _world.TurnAsync(turn.TurnId);
        Assert.Equal((TurnState.Queued, null, 0), (released.State, released.Owner, released.UsedAttempts));
        Assert.Equal(1, _world.Model.Calls);
    }

    [Fact]
    public async Task ReleaseAll_TurnIsOverAndRolledBack_LeavesNothing()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        var first = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var gate = _world.Store.HoldOnce(nameof(AcceptStep));
        var second = chat.SendAsync("u2", onBusy: BusyPolicy.Rollback);
        await gate.Reached;
        call.Finish("m1");
        await chat.ReadOnceAsync(first.TurnId, afterOffset: 1);
        await chat.SettleAsync();
        var released = _server.State.ReleaseAllAsync();

        gate.Open();

        await second;
        await released.WaitAsync(Patience.Limit);
        var other = await _world.NewServer().OpenAsync();
        Assert.Equal(Turn.Types.State.Cancelled, (await other.EndOfAsync(first.TurnId)).State);
        var next = await _world.Model.NextCallAsync();
        Assert.Equal("u:u2", next.Sent);
        next.Finish("m2");
        await other.EndOfAsync((await second).TurnId);
        Assert.Equal("u:u2 m:m2", await other.HistoryAsync());
    }

    [Fact]
    public async Task ReleaseAll_AgainAndAgain_NeverExhaustsTheAttempts()
    {
        var world = new ChatWorld(new ChatsOptions { MaxRecoveryAttempts = 0 });
        var server = world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        var turn = await chat.SendAsync("u1");
        for (var i = 0; i < 3; i++)
        {
            await world.Model.NextCallAsync();
            _ = server.State.BeginDrain();
            await server.State.ReleaseAllAsync().WaitAsync(Patience.Limit);
            server = world.NewServer();
            chat = await server.OpenAsync();
        }

        (await world.Model.NextCallAsync()).Finish("m1");

        var ended = await chat.EndOfAsync(turn.TurnId);
        Assert.Equal((Turn.Types.State.Completed, 4), (ended.State, ended.Attempt));
    }

    [Fact]
    public async Task ReleaseAll_ReleasedTurnIsCancelled_EndsBehindWhatWasHandedOut()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("void");
        var seen = (await chat.ReadOnceAsync(turn.TurnId, afterOffset: 1)).Decode().Last().Offset;
        _ = _server.State.BeginDrain();
        await _server.State.ReleaseAllAsync().WaitAsync(Patience.Limit);
        var ended = await chat.CancelAsync(turn.TurnId);

        var events = await (await _world.NewServer().OpenAsync()).ReadToEndAsync(turn.TurnId, seen);

        Assert.Equal(ended, Assert.Single(events).Ended);
        Assert.Equal(Turn.Types.State.Cancelled, ended.State);
    }

    [Fact]
    public async Task ReleaseAll_TurnIsFollowed_DrainIsNotHeldUp()
    {
        var owner = await ChatWorld.NewChatAsync(_world.NewServer());
        await owner.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var follower = await _server.OpenAsync();
        await _world.Time.WaitForTimerAsync(_world.Options.RemoteTurnPollInterval);

        await _server.State.BeginDrain().WaitAsync(Patience.Limit);
        await _server.State.ReleaseAllAsync().WaitAsync(Patience.Limit);

        await follower.SettleAsync();
        Assert.False(follower.HasEnded);
    }
}
