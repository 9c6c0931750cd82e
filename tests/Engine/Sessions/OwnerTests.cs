using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>Two sessions of one chat: of servers that live, freeze or are gone.</summary>
public sealed class OwnerTests
{
    private readonly ChatWorld _world = new(new ChatsOptions { MaxRecoveryAttempts = 2 });
    private readonly TestServer _first;
    private readonly TestServer _second;

    public OwnerTests() => (_first, _second) = (_world.NewServer(), _world.NewServer());

    [Fact]
    public async Task Accept_ChatWasWrittenElsewhere_OneEndsItselfAndTheOtherGoesOn()
    {
        var one = await ChatWorld.NewChatAsync(_first);
        var other = await _second.OpenAsync();
        await RunAsync(other, "u1", "m1");

        await Assert.ThrowsAsync<ChatConflictException>(() => one.SendAsync("u2", "r2"));

        await one.Ended;
        await Assert.ThrowsAsync<ChatConflictException>(() => one.SendAsync("u2", "r2"));
        await Assert.ThrowsAsync<ChatConflictException>(() => one.ReadOnceAsync("t"));
        await RunAsync(other, "u3", "m3");
        one = await _first.OpenAsync();
        Assert.Equal("u:u1 m:m1 u:u3 m:m3", await one.HistoryAsync());
        await _first.State.BeginDrain().WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task Open_OwnerLives_TurnIsFollowedAndItsEventsComeWhenItHasEnded()
    {
        var owner = await ChatWorld.NewChatAsync(_first);
        var turn = await owner.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var other = await _second.OpenAsync();
        var read = other.ReadToEndAsync(turn.TurnId);
        var queued = await other.SendAsync("u2");

        await FollowAsync();
        Assert.False(read.IsCompleted);
        call.Finish("m1");
        var live = await owner.ReadToEndAsync(turn.TurnId);
        _world.Time.Advance(_world.Options.RemoteTurnPollInterval);

        Assert.Equal(live, await read);
        Assert.Equal(1, live[^1].Ended.Attempt);
        var next = await _world.Model.NextCallAsync();
        Assert.Equal("u:u1 m:m1 u:u2", next.Sent);
        next.Finish("m2");
        Assert.Equal(2, (await other.EndOfAsync(queued.TurnId)).Revision);
    }

    [Fact]
    public async Task Open_OwnerIsGone_TurnIsTakenOver()
    {
        var owner = await ChatWorld.NewChatAsync(_first);
        var turn = await owner.SendAsync("u1");
        var void1 = await _world.Model.NextCallAsync();
        void1.Say("void");
        var seen = await owner.ReadOnceAsync(turn.TurnId, afterOffset: 1);
        _first.Leave();

        var other = await _second.OpenAsync();
        (await _world.Model.NextCallAsync()).Finish("m1");

        // Who had read the void chunk gets the new attempt from its start.
        var events = await other.ReadToEndAsync(turn.TurnId, seen.Decode().Last().Offset);
        Assert.Equal("started m1 ended", Messages.Line(events));
        Assert.Equal(2, events[^1].Ended.Attempt);
        var record = await _world.TurnAsync(turn.TurnId);
        Assert.Equal((2, 1), (record.Attempt, record.UsedAttempts));

        // The first server thaws: its end is refused, and nothing of it is kept.
        void1.Finish("late");
        await owner.Ended;
        Assert.Equal("u:u1 m:m1", await other.HistoryAsync());
        Assert.Contains(ChatWorld.Key, _first.TakeOrphans());
    }

    [Fact]
    public async Task Follow_OwnerLeavesDuringTheWait_TurnIsTakenOver()
    {
        var owner = await ChatWorld.NewChatAsync(_first);
        var turn = await owner.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var other = await _second.OpenAsync();
        var read = other.ReadToEndAsync(turn.TurnId);
        await FollowAsync();

        _first.Leave();
        _world.Time.Advance(_world.Options.RemoteTurnPollInterval);

        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal(2, (await read)[^1].Ended.Attempt);
    }

    [Fact]
    public async Task TakeOver_OwnerGoneAgainAndAgain_FailsAttemptsExhausted()
    {
        var chat = await ChatWorld.NewChatAsync(_first);
        var turn = await chat.SendAsync("u1", "r1");
        await _world.Model.NextCallAsync();
        var owner = _first;
        for (var lost = 1; lost <= 2; lost++)
        {
            owner.Leave();
            owner = _world.NewServer();
            chat = await owner.OpenAsync();
            var call = await _world.Model.NextCallAsync();
            call.Say("seen");
        }

        var seen = (await chat.ReadOnceAsync(turn.TurnId, (2 * EventOffsets.PerAttempt) + 1)).Decode().Last();
        owner.Leave();
        chat = await _second.OpenAsync();

        // Also for who had read the last attempt's chunk.
        var end = Assert.Single(await chat.ReadToEndAsync(turn.TurnId, seen.Offset)).Ended;
        Assert.Equal((Turn.Types.State.Failed, "ATTEMPTS_EXHAUSTED", 0L), (end.State, end.Error.Reason, end.Revision));
        Assert.Equal(3, _world.Model.Calls);
        Assert.Equal("", await chat.HistoryAsync());
        Assert.Equal(await chat.ReadToEndAsync(turn.TurnId), await (await _second.OpenAsync()).ReadToEndAsync(turn.TurnId));
        Assert.NotEqual(turn, await chat.SendAsync("u1", "r1"));
    }

    [Fact]
    public async Task Open_TurnOfAnEarlierSessionOfThisServer_IsTakenUp()
    {
        var before = await ChatWorld.NewChatAsync(_first);
        var turn = await before.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        await before.CloseAsync();
        await call.Stopped;
        Assert.Contains(ChatWorld.Key, _first.TakeOrphans());

        var after = await _first.OpenAsync();

        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal((Turn.Types.State.Completed, 2), ((await after.EndOfAsync(turn.TurnId)).State, (await after.GetTurnAsync(turn.TurnId)).Attempt));
        await _first.State.BeginDrain().WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task Follow_OwnerLivesButItsSessionIsOver_TurnIsGivenUpAndTakenUp()
    {
        var before = await ChatWorld.NewChatAsync(_first);
        _world.Store.FailOnce(nameof(AcceptStep), afterwards: true);
        await Assert.ThrowsAsync<ChatException>(() => before.SendAsync("u1", "r1"));
        var next = await _second.OpenAsync();
        var turnId = (await _world.LoadAsync()).Pending[0].TurnId;
        await FollowAsync();

        foreach (var orphan in _first.State.Orphans.Take())
        {
            await orphan.ReleaseAsync(_world.Store, _first.State.Owner);
        }

        _world.Time.Advance(_world.Options.RemoteTurnPollInterval);
        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal(Turn.Types.State.Completed, (await next.EndOfAsync(turnId)).State);
    }

    [Fact]
    public async Task Release_AttemptThatAnotherSessionRunsAgain_DoesNotChange()
    {
        var before = await ChatWorld.NewChatAsync(_first);
        _world.Store.FailOnce(nameof(AcceptStep), afterwards: true);
        await Assert.ThrowsAsync<ChatException>(() => before.SendAsync("u1", "r1"));
        var next = await _first.OpenAsync();
        var call = await _world.Model.NextCallAsync();

        foreach (var orphan in _first.State.Orphans.Take())
        {
            await orphan.ReleaseAsync(_world.Store, _first.State.Owner);
        }

        call.Finish("m1");
        var turn = await next.SendAsync("u1", "r1");
        Assert.Equal((Turn.Types.State.Completed, 2), ((await next.EndOfAsync(turn.TurnId)).State, (await next.GetTurnAsync(turn.TurnId)).Attempt));
    }

    [Fact]
    public async Task Close_TurnIsAboutToStart_IsLeftToTheNextSession()
    {
        var chat = await ChatWorld.NewChatAsync(_first);
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        await chat.SendAsync("u2");
        var gate = _world.Store.HoldOnce(nameof(StartStep));
        call.Finish("m1");
        await gate.Reached;

        await chat.CloseAsync();
        gate.Open();

        await _first.State.BeginDrain().WaitAsync(Patience.Limit);
        Assert.Equal(1, _world.Model.Calls);
        Assert.Contains(ChatWorld.Key, _first.TakeOrphans());
    }

    [Fact]
    public async Task Close_TurnIsBeingAccepted_IsLeftToTheNextSession()
    {
        var chat = await ChatWorld.NewChatAsync(_first);
        var gate = _world.Store.HoldOnce(nameof(AcceptStep));
        var send = chat.SendAsync("u1");
        await gate.Reached;

        await chat.CloseAsync();
        gate.Open();
        var turn = await send;

        Assert.Contains(ChatWorld.Key, _first.TakeOrphans());
        var next = await _first.OpenAsync();
        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal(Turn.Types.State.Completed, (await next.EndOfAsync(turn.TurnId)).State);
        await _first.State.BeginDrain().WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task Accept_TurnWasTakenUpBeforeItRan_RunsOnceHere()
    {
        var chat = await ChatWorld.NewChatAsync(_first);
        var gate = _world.Store.HoldOnce(nameof(AcceptStep), afterwards: true);
        var sending = chat.SendAsync("u1");
        await gate.Reached;
        var next = await _first.OpenAsync();
        var call = await _world.Model.NextCallAsync();

        gate.Open();

        var turn = await sending;
        await chat.Ended;
        Assert.Equal(1, _world.Model.Calls);
        call.Finish("m1");
        var ended = await next.EndOfAsync(turn.TurnId);
        Assert.Equal((Turn.Types.State.Completed, 2), (ended.State, ended.Attempt));
        await _first.State.BeginDrain().WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task Join_TurnAcceptedElsewhere_GivesThatTurn()
    {
        var one = await ChatWorld.NewChatAsync(_first);
        var other = await _second.OpenAsync();
        var accepted = await other.SendAsync("u1", "r1");

        var joined = await one.SendAsync("u1", "r1");

        Assert.Equal(accepted, joined);
    }

    [Fact]
    public async Task CancelTurnAsync_TurnAcceptedElsewhereAndQueued_Ends()
    {
        var one = await ChatWorld.NewChatAsync(_first);
        var other = await _second.OpenAsync();
        await other.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var queued = await other.SendAsync("u2");

        Assert.Equal(Turn.Types.State.Cancelled, (await one.CancelAsync(queued.TurnId)).State);
    }

    [Theory]
    [InlineData(nameof(IChatStore.LoadAsync))]
    [InlineData(nameof(IChatStore.FindTurnAsync))]
    public async Task Close_ChatIsBeingReadAgain_ReadersAreTold(string read)
    {
        var one = await ChatWorld.NewChatAsync(_first);
        var other = await _second.OpenAsync();
        var turn = await other.SendAsync("u1");
        await _world.Model.NextCallAsync();
        await one.WakeAsync();
        var reader = one.ReadOnceAsync(turn.TurnId);
        await one.SettleAsync();
        await other.CancelAsync(turn.TurnId);
        var later = await other.SendAsync("u2");
        var gate = _world.Store.HoldOnce(read);
        var cancel = one.CancelAsync(later.TurnId);
        await gate.Reached;

        await one.CloseAsync();
        gate.Open();

        await Assert.ThrowsAsync<ChatConflictException>(() => reader);
        await Assert.ThrowsAsync<ChatConflictException>(() => cancel);
    }

    [Fact]
    public async Task ReadTurnAsync_TurnAcceptedElsewhere_IsFollowed()
    {
        var one = await ChatWorld.NewChatAsync(_first);
        var other = await _second.OpenAsync();
        var turn = await other.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var read = one.ReadToEndAsync(turn.TurnId);
        await _world.Time.WaitForTimerAsync(_world.Options.RemoteTurnPollInterval);

        call.Finish("m1");
        await other.EndOfAsync(turn.TurnId);
        _world.Time.Advance(_world.Options.RemoteTurnPollInterval);

        Assert.Equal("started m1 ended", Messages.Line(await read));
    }

    [Fact]
    public async Task GetTurnAsync_TurnHasEndedElsewhere_SaysSoAtOnce()
    {
        var owner = await ChatWorld.NewChatAsync(_first);
        var turn = await owner.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var other = await _second.OpenAsync();
        Assert.Equal(Turn.Types.State.Running, (await other.GetTurnAsync(turn.TurnId)).State);

        call.Finish("m1");
        var ended = await owner.EndOfAsync(turn.TurnId);

        Assert.Equal(ended, (await other.GetTurnAsync(turn.TurnId)).AsInEvent());
    }

    [Fact]
    public async Task GetTurnAsync_TurnThatRunsHereHasEndedElsewhere_SaysSoAtOnce()
    {
        var suspended = await ChatWorld.NewChatAsync(_first);
        var turn = await suspended.SendAsync("u1");
        await _world.Model.NextCallAsync();
        _first.Leave();
        var other = await _second.OpenAsync();
        (await _world.Model.NextCallAsync()).Finish("m1");
        var ended = await other.EndOfAsync(turn.TurnId);

        Assert.Equal(ended, (await suspended.GetTurnAsync(turn.TurnId)).AsInEvent());
    }

    [Fact]
    public async Task Wake_ChatWasDeletedElsewhere_ReadersAreTold()
    {
        var owner = await ChatWorld.NewChatAsync(_first);
        var turn = await owner.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var other = await _second.OpenAsync();
        var read = other.ReadOnceAsync(turn.TurnId);
        await other.SettleAsync();
        await owner.DeleteAsync();

        await other.WakeAsync();

        Assert.Equal(Code.NotFound, (await Assert.ThrowsAsync<ChatException>(() => read)).Code);
        Assert.False(other.Exists);
    }

    [Fact]
    public async Task FindAbandoned_BeatIsOld_TurnIsTakenOver()
    {
        var owner = await ChatWorld.NewChatAsync(_first);
        _first.Beat(_world.Options.LeaseDuration);
        var turn = await owner.SendAsync("u1");
        await _world.Model.NextCallAsync();
        Assert.Empty(await _world.Store.AbandonedAsync(1));

        _world.Time.Advance(_world.Options.LeaseDuration + TimeSpan.FromTicks(1));

        Assert.Equal([ChatWorld.Key], await _world.Store.AbandonedAsync(1));
        var other = await _second.OpenAsync();
        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal(2, (await other.EndOfAsync(turn.TurnId)).Attempt);
    }

    // Lets the session that follows look into the store once, and wait for its next look.
    private async Task FollowAsync()
    {
        await _world.Time.WaitForTimerAsync(_world.Options.RemoteTurnPollInterval).WaitAsync(Patience.Limit);
        _world.Time.Advance(_world.Options.RemoteTurnPollInterval);
        await _world.Time.WaitForTimerAsync(_world.Options.RemoteTurnPollInterval).WaitAsync(Patience.Limit);
    }

    private async Task RunAsync(TestSession chat, string text, string answer)
    {
        var turn = await chat.SendAsync(text);
        (await _world.Model.NextCallAsync()).Finish(answer);
        await chat.EndOfAsync(turn.TurnId);
    }
}
