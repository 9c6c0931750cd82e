using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using static GenAI.Chats.TestKit.Chats.Messages;

namespace GenAI.Chats.Engine.Tests.Branches;

/// <summary>Branches and forks while something else happens: what the simulation of random histories has found.</summary>
public sealed class BranchRaceTests
{
    private readonly ChatWorld _world = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ListTurns_ATurnIsRecordedInBetween_ListIsOfOneInstant(bool allBranches)
    {
        var chat = await _world.NewChatAsync();
        await chat.RecordAsync(Record("u1", "m1"));
        await chat.RecordAsync(Record("u2", "m2"));
        var before = await ListAsync();
        var gate = _world.Store.HoldOnce(nameof(IChatStore.ReadLogAsync));
        var list = ListAsync();
        await gate.Reached;
        await chat.RewindAsync(1);
        await chat.RecordAsync(Record("u3", "m3"));

        gate.Open();

        Assert.Equal(before, await list);

        Task<ListTurnsResponse> ListAsync() => chat.CallAsync(s => s.ListTurnsAsync(new ListTurnsRequest { AllBranches = allBranches }, CancellationToken.None));
    }

    [Fact]
    public async Task Rewind_InterruptThatCannotBeServed_StopsNothing()
    {
        var chat = await _world.NewChatAsync();
        await chat.RecordAsync(Record("u1", "m1"));
        var turn = await chat.SendAsync("u2");
        var call = await _world.Model.NextCallAsync();

        var unknown = await Assert.ThrowsAsync<ChatException>(() => chat.RewindAsync(9, onBusy: BusyPolicy.Interrupt));
        var expecting = new RewindChatRequest { Revision = 0, ExpectedRevision = 9, OnBusy = BusyPolicy.Rollback };
        var mismatch = await Assert.ThrowsAsync<ChatException>(() => chat.RewindAsync(expecting));

        Assert.Equal(("REVISION_NOT_FOUND", "REVISION_MISMATCH"), (unknown.Reason, mismatch.Reason));
        call.Finish("m2");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
    }

    [Fact]
    public async Task Send_RequestIdOfAnErasedTurnThatLeftNothing_TurnErased()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1", "first");
        await _world.Model.NextCallAsync();
        await chat.CancelAsync(turn.TurnId);
        await chat.RecordAsync(Record("u2", "m2"));
        await chat.RewindAsync(0, erase: true);

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u1", "first"));

        Assert.Equal("TURN_ERASED", failure.Reason);
    }

    [Fact]
    public async Task Send_RequestIdOfATurnThatWasErasedOnAnotherServer_TurnErased()
    {
        var chat = await _world.NewChatAsync();
        await chat.RecordAsync(Record("u1", "m1", "first"));
        var other = await _world.NewServer().OpenAsync();
        await chat.RewindAsync(0, erase: true);

        var failure = await Assert.ThrowsAsync<ChatException>(() => other.RecordAsync(Record("u1", "m1", "first")));

        Assert.Equal("TURN_ERASED", failure.Reason);
    }

    [Fact]
    public async Task Rewind_ChatWasCreatedAgainOnAnotherServer_MovesItsHead()
    {
        var chat = await _world.NewChatAsync();
        var other = await _world.NewServer().OpenAsync();
        await chat.DeleteAsync();
        chat = await _world.NewChatAsync(User("h1"), Model("h2"));
        await chat.RecordAsync(Record("u1", "m1"));

        Assert.Equal((0, 2), ((await other.RewindAsync(0)).HeadRevision, (await other.GetAsync()).Revision));

        Assert.Equal("u:h1 m:h2", await other.HistoryAsync());
    }

    [Fact]
    public async Task Rollback_TurnHasCompletedButIsNotStored_IsNotCurated()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        _world.Store.FailOnce(nameof(EndStep), afterwards: false);
        call.Finish("m1");
        var retry = await _world.Time.WaitForTimerAsync(TimeSpan.FromSeconds(1));
        var next = await chat.SendAsync("u2", onBusy: BusyPolicy.Rollback);

        _world.Time.Advance(retry);

        (await _world.Model.NextCallAsync()).Finish("m2");
        await chat.EndOfAsync(next.TurnId);
        var rolledBack = await chat.GetTurnAsync(turn.TurnId);
        Assert.Equal((Turn.Types.State.Cancelled, 0L, false), (rolledBack.State, rolledBack.Revision, rolledBack.Curated));
    }

    [Fact]
    public async Task Fork_SameRequestAfterItHasExpired_CreatesItAgain()
    {
        var server = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        await chat.RecordAsync(Record("u1", "m1"));
        var fork = await server.OpenAsync("fork");
        var request = new ForkChatRequest { Name = "chats/chat", ChatId = "fork", RequestId = "fork", Ttl = Duration.FromTimeSpan(TimeSpan.FromMinutes(1)) };
        await fork.ForkAsync(request, ChatWorld.Key);
        _world.Time.Advance(TimeSpan.FromMinutes(1));

        await fork.ForkAsync(request, ChatWorld.Key);

        Assert.Equal("u:u1 m:m1", await fork.HistoryAsync());
    }

    [Fact]
    public async Task GetTurn_ChatHasExpired_ChatNotFound()
    {
        var chat = await _world.NewServer().OpenAsync();
        var creation = ChatWorld.Creation();
        creation.Ttl = Duration.FromTimeSpan(TimeSpan.FromMinutes(1));
        await chat.CreateAsync(creation);
        var turn = await chat.RecordAsync(Record("u1", "m1"));
        _world.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("CHAT_NOT_FOUND", (await Assert.ThrowsAsync<ChatException>(() => chat.GetTurnAsync(turn.TurnId))).Reason);
        Assert.Equal("CHAT_NOT_FOUND", (await Assert.ThrowsAsync<ChatException>(() => chat.CancelAsync(turn.TurnId))).Reason);
    }

    [Fact]
    public async Task Call_ChatWasCreatedElsewhereSinceTheSessionWasOpened_FindsIt()
    {
        var server = _world.NewServer();
        var sender = await server.OpenAsync();
        var mover = await server.OpenAsync();
        var reader = await server.OpenAsync();
        var chat = await _world.NewChatAsync();
        var recorded = await chat.RecordAsync(Record("u1", "m1"));

        Assert.Equal(1, (await reader.EndOfAsync(recorded.TurnId)).Revision);
        Assert.Equal(0, (await mover.RewindAsync(0)).HeadRevision);
        await sender.RecordAsync(Record("u2", "m2"));

        Assert.Equal("u:u2 m:m2", await chat.HistoryAsync());
    }
}
