using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>INTERRUPT, ROLLBACK, and CancelTurn hold whatever happens to the servers after they are acknowledged.</summary>
public sealed class StopTests
{
    private readonly ChatWorld _world = new();
    private readonly TestServer _first;
    private readonly TestServer _second;

    public StopTests() => (_first, _second) = (_world.NewServer(), _world.NewServer());

    [Theory]
    [InlineData(BusyPolicy.Rollback)]
    [InlineData(BusyPolicy.Interrupt)]
    public async Task Accept_ServerIsLostRightAfterTheCommit_StoppedTurnsDoNotRun(BusyPolicy policy)
    {
        var chat = await ChatWorld.NewChatAsync(_first);
        var running = await chat.SendAsync("u1");
        (await _world.Model.NextCallAsync()).Say("par");
        var waiting = await chat.SendAsync("u2");
        var gate = _world.Store.HoldOnce(nameof(AcceptStep), afterwards: true);
        _ = chat.SendAsync("u3", "r3", policy);
        await gate.Reached;
        _first.Leave();

        var next = await _second.OpenAsync();
        var call = await _world.Model.NextCallAsync();
        Assert.Equal("u:u3", call.Sent);
        call.Finish("m3");

        var turn = await next.SendAsync("u3", "r3", policy);
        Assert.Equal(1, (await next.EndOfAsync(turn.TurnId)).Revision);
        foreach (var stopped in new[] { running, waiting })
        {
            Assert.Equal(Turn.Types.State.Cancelled, (await next.GetTurnAsync(stopped.TurnId)).State);
        }

        Assert.Equal("u:u3 m:m3", await next.HistoryAsync());
        Assert.Equal(2, _world.Model.Calls);

        // A reader of the lost attempt's chunk gets the end.
        Assert.Equal("ended", Messages.Line(await next.ReadToEndAsync(running.TurnId, afterOffset: 2)));
    }

    [Fact]
    public async Task CancelTurnAsync_TurnIsReleasedBeforeItsEnd_ReadersGetWhatIsStored()
    {
        var owner = await ChatWorld.NewChatAsync(_first);
        var turn = await owner.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var other = await _second.OpenAsync();
        var cancel = other.CancelAsync(turn.TurnId);
        await _world.Time.WaitForTimerAsync(_world.Options.RemoteTurnPollInterval);
        await other.SettleAsync();
        var gate = _world.Store.HoldOnce(nameof(EndStep));
        _first.Leave();
        _world.Time.Advance(_world.Options.RemoteTurnPollInterval);
        await gate.Reached;
        await new OrphanedChat(ChatWorld.Key, Sequence: 1, turn.TurnId, Attempt: 1).ReleaseAsync(_world.Store, _first.State.Owner);

        gate.Open();

        await Assert.ThrowsAsync<ChatConflictException>(() => cancel);
        await other.Ended;
        other = await _second.OpenAsync();
        var events = await other.ReadToEndAsync(turn.TurnId);
        Assert.Equal(Turn.Types.State.Cancelled, events[^1].Ended.State);
        Assert.Equal(Views.Events(await _world.TurnAsync(turn.TurnId)), events);
    }

    [Fact]
    public async Task Rollback_TurnRunsOnAnotherServer_StopsThereWithItsNextBeat()
    {
        var owner = await ChatWorld.NewChatAsync(_first);
        var running = await owner.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("par");
        var other = await _second.OpenAsync();
        await _world.Time.WaitForTimerAsync(_world.Options.RemoteTurnPollInterval);
        var turn = await other.SendAsync("u2", onBusy: BusyPolicy.Rollback);

        Beat(_first);
        await call.Stopped;
        Assert.Equal(Turn.Types.State.Cancelled, (await owner.EndOfAsync(running.TurnId)).State);
        _world.Time.Advance(_world.Options.RemoteTurnPollInterval);

        // Its queue is known there too: it runs the next turn.
        (await _world.Model.NextCallAsync()).Finish("m2");
        await owner.EndOfAsync(turn.TurnId);
        Assert.Equal("u:u2 m:m2", await other.HistoryAsync());
    }

    [Fact]
    public async Task Rollback_TurnOnAnotherServerEndsBeforeItsBeat_LeavesNothing()
    {
        var owner = await ChatWorld.NewChatAsync(_first);
        var running = await owner.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var other = await _second.OpenAsync();
        var turn = await other.SendAsync("u2", onBusy: BusyPolicy.Rollback);

        call.Finish("m1");

        var ended = await owner.EndOfAsync(running.TurnId);
        Assert.Equal((Turn.Types.State.Cancelled, 0L), (ended.State, ended.Revision));

        // Whichever server sees it first runs the next turn.
        await _world.Time.WaitForTimerAsync(_world.Options.RemoteTurnPollInterval);
        _world.Time.Advance(_world.Options.RemoteTurnPollInterval);
        (await _world.Model.NextCallAsync()).Finish("m2");
        await owner.EndOfAsync(turn.TurnId);
        Assert.Equal("u:u2 m:m2", await other.HistoryAsync());
    }

    [Fact]
    public async Task CancelTurnAsync_TurnRunsOnAnotherServer_EndsWithItsNextBeat()
    {
        var owner = await ChatWorld.NewChatAsync(_first);
        var running = await owner.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("par");
        await owner.ReadOnceAsync(running.TurnId, afterOffset: 1);
        var other = await _second.OpenAsync();
        await _world.Time.WaitForTimerAsync(_world.Options.RemoteTurnPollInterval);
        var cancel = other.CancelAsync(running.TurnId);
        await other.SettleAsync();

        Beat(_first);
        await owner.EndOfAsync(running.TurnId);
        _world.Time.Advance(_world.Options.RemoteTurnPollInterval);

        Assert.Equal((Turn.Types.State.Cancelled, 1L), ((await cancel).State, (await cancel).Revision));
        Assert.Equal("u:u1 m:par", await other.HistoryAsync());
    }

    [Fact]
    public async Task CancelTurnAsync_ServerIsLostRightAfterTheCommit_TurnDoesNotRunAgain()
    {
        var chat = await ChatWorld.NewChatAsync(_first);
        var turn = await chat.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var gate = _world.Store.HoldOnce(nameof(StopStep), afterwards: true);
        _ = chat.CancelAsync(turn.TurnId);
        await gate.Reached;
        _first.Leave();

        var next = await _second.OpenAsync();

        Assert.Equal(Turn.Types.State.Cancelled, (await next.EndOfAsync(turn.TurnId)).State);
        Assert.Equal(1, _world.Model.Calls);
    }

    [Fact]
    public async Task Start_TurnWasStoppedElsewhere_EndsInstead()
    {
        var chat = await ChatWorld.NewChatAsync(_first);
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var queued = await chat.SendAsync("u2");
        await _world.Store.StopAsync(ChatWorld.Key, new StopStep(2, queued.TurnId, TurnStop.Cancel));

        call.Finish("m1");

        await chat.Ended;
        chat = await _first.OpenAsync();
        Assert.Equal(Turn.Types.State.Cancelled, (await chat.EndOfAsync(queued.TurnId)).State);
        Assert.Equal(1, _world.Model.Calls);
    }

    private void Beat(TestServer server) => server.Beat(_world.Options.LeaseDuration);
}
