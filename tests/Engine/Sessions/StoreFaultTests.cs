using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>The store fails, before a commit or after it: who asked cannot know which.</summary>
public sealed class StoreFaultTests
{
    private readonly ChatWorld _world = new();
    private readonly TestServer _server;

    public StoreFaultTests() => _server = _world.NewServer();

    [Theory]
    [InlineData(nameof(IChatStore.LoadAsync))]
    [InlineData(nameof(AcceptStep))]
    public async Task Any_StoreIsDamaged_ClientIsNotToldToTryAgain(string name)
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        _world.Store.Around = async (called, call) =>
        {
            await call();
            if (called == name)
            {
                throw new ChatStoreException("The test's store is damaged.") { Damage = StoreDamage.Record };
            }
        };

        var failure = await Assert.ThrowsAsync<ChatException>(
            () => name == nameof(IChatStore.LoadAsync) ? chat.GetAsync() : (Task)chat.SendAsync("u1", "r1"));

        Assert.Equal((Code.DataLoss, "STORE_DAMAGED", null), (failure.Code, failure.Reason, failure.RetryDelay));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Accept_OutcomeUnknown_RetryGivesOneTurn(bool afterwards)
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        _world.Store.FailOnce(nameof(AcceptStep), afterwards);

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u1", "r1"));

        Assert.Equal((Code.Unavailable, "STORE_UNAVAILABLE"), (failure.Code, failure.Reason));
        await chat.Ended;
        await Assert.ThrowsAsync<ChatConflictException>(() => chat.SendAsync("u1", "r1"));
        chat = await _server.OpenAsync();
        var turn = await chat.SendAsync("u1", "r1");
        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal(1, (await chat.EndOfAsync(turn.TurnId)).Revision);
        Assert.Equal(turn, await chat.SendAsync("u1", "r1"));
        Assert.Equal(1, (await _world.LoadAsync()).LastSequence);
        Assert.Equal(1, _world.Model.Calls);
        await _server.State.BeginDrain().WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task Accept_CommittedButUnknownAndNotRetried_TurnIsLeftToRecovery()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        _world.Store.FailOnce(nameof(AcceptStep), afterwards: true);
        await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u1", "r1"));
        await chat.CloseAsync();

        // The store's search does not find it: its owner lives.
        Assert.Empty(await _world.Store.AbandonedAsync(10));
        Assert.Contains(ChatWorld.Key, _server.TakeOrphans());
        var next = await _server.OpenAsync();
        await next.WakeAsync();
        (await _world.Model.NextCallAsync()).Finish("m1");
        var turn = (await _world.LoadAsync()).Pending[0];
        Assert.Equal(Turn.Types.State.Completed, (await next.EndOfAsync(turn.TurnId)).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task End_OutcomeUnknown_IsTriedAgainAndTheAnswerIsKept(bool afterwards)
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        var turn = await chat.SendAsync("u1", "r1");
        var call = await _world.Model.NextCallAsync();
        var started = await chat.ReadOnceAsync(turn.TurnId);
        var read = chat.ReadToEndAsync(turn.TurnId, started.Decode().Last().Offset);
        await chat.SettleAsync();
        _world.Store.FailOnce(nameof(EndStep), afterwards);

        call.Finish("m1");
        await RetryAsync();

        var ended = (await read)[^1].Ended;
        Assert.Equal((1, 1L, Turn.Types.State.Completed), (ended.Attempt, ended.Revision, ended.State));
        Assert.Equal(started.Decode().Concat(await read), await chat.ReadToEndAsync(turn.TurnId));
        Assert.Equal(turn, await chat.SendAsync("u1", "r1"));
        Assert.Equal("u:u1 m:m1", await chat.HistoryAsync());
        Assert.Equal(1, _world.Model.Calls);
        var next = await chat.SendAsync("u2");
        (await _world.Model.NextCallAsync()).Finish("m2");
        Assert.Equal(2, (await chat.EndOfAsync(next.TurnId)).Revision);
        await _server.State.BeginDrain().WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task End_StoreFailsForLong_IsTriedUntilItDoesNot()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        _world.Store.Around = (_, _) => throw new ChatStoreException("The test's store fails.");

        call.Finish("m1");
        for (var i = 0; i < 20; i++)
        {
            await RetryAsync();
            Assert.Equal("STORE_UNAVAILABLE", (await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u2"))).Reason);
        }

        _world.Store.Around = null;
        await RetryAsync();
        Assert.Equal((Turn.Types.State.Completed, 1), ((await chat.EndOfAsync(turn.TurnId)).State, _world.Model.Calls));
    }

    [Fact]
    public async Task End_ServerStopsWhileTheStoreFails_DrainEndsAndAnotherServerRunsTheTurn()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        _world.Store.Around = (_, _) => throw new ChatStoreException("The test's store fails.");
        call.Finish("m1");
        await RetryAsync();

        _ = _server.State.BeginDrain();
        await _server.State.ReleaseAllAsync().WaitAsync(Patience.Limit);

        _world.Store.Around = null;
        _server.Leave();
        var other = await _world.NewServer().OpenAsync();
        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal(2, (await other.EndOfAsync(turn.TurnId)).Attempt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Accept_OutcomeUnknownWhileATurnRuns_TheTurnRunsOnAndRetryGivesOneTurn(bool afterwards)
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        var running = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        _world.Store.FailOnce(nameof(AcceptStep), afterwards);
        await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u2", "r2"));

        var queued = await chat.SendAsync("u2", "r2");
        call.Finish("m1");
        (await _world.Model.NextCallAsync()).Finish("m2");

        Assert.Equal(2, (await chat.EndOfAsync(queued.TurnId)).Revision);
        Assert.Equal(1, (await chat.GetTurnAsync(running.TurnId)).Attempt);
        Assert.Equal(2, (await _world.LoadAsync()).LastSequence);
    }

    [Fact]
    public async Task Accept_CommittedButUnknownWhileATurnRunsAndNotRetried_RunsNext()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        _world.Store.FailOnce(nameof(AcceptStep), afterwards: true);
        await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u2"));

        call.Finish("m1");

        Assert.Equal("u:u1 m:m1 u:u2", (await _world.Model.NextCallAsync()).Sent);
    }

    [Fact]
    public async Task Update_ChatWasUpdatedElsewhereWhileATurnRuns_TheTurnRunsOn()
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        await (await _world.NewServer().OpenAsync()).CallAsync(s => s.UpdateAsync(Rename("there")));

        await Assert.ThrowsAsync<ChatConflictException>(() => chat.CallAsync(s => s.UpdateAsync(Rename("here"))));
        Assert.Equal("here", (await chat.CallAsync(s => s.UpdateAsync(Rename("here")))).DisplayName);

        call.Finish("m1");
        Assert.Equal((Turn.Types.State.Completed, 1), ((await chat.EndOfAsync(turn.TurnId)).State, _world.Model.Calls));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_OutcomeUnknown_TheNextSessionRunsTheTurn(bool afterwards)
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var queued = await chat.SendAsync("u2");
        var read = chat.ReadToEndAsync(queued.TurnId);
        await chat.SettleAsync();
        _world.Store.FailOnce(nameof(StartStep), afterwards);
        call.Finish("m1");

        await Assert.ThrowsAsync<ChatConflictException>(() => read);

        await chat.Ended;
        Assert.Contains(ChatWorld.Key, _server.TakeOrphans());
        chat = await _server.OpenAsync();
        (await _world.Model.NextCallAsync()).Finish("m2");
        Assert.Equal(afterwards ? 2 : 1, (await chat.EndOfAsync(queued.TurnId)).Attempt);
        await _server.State.BeginDrain().WaitAsync(Patience.Limit);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Release_OutcomeUnknown_DrainEndsAndAnotherServerRunsTheTurn(bool afterwards)
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        var turn = await chat.SendAsync("u1");
        await _world.Model.NextCallAsync();
        _world.Store.FailOnce(nameof(ReleaseStep), afterwards);
        _ = _server.State.BeginDrain();

        await _server.State.ReleaseAllAsync().WaitAsync(Patience.Limit);

        await chat.Ended;
        _server.Leave();
        var other = await _world.NewServer().OpenAsync();
        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal(Turn.Types.State.Completed, (await other.EndOfAsync(turn.TurnId)).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancel_OutcomeUnknown_CallerIsToldAndMayTryAgain(bool afterwards)
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        await chat.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var queued = await chat.SendAsync("u2");
        _world.Store.FailOnce(nameof(EndStep), afterwards);

        await Assert.ThrowsAsync<ChatException>(() => chat.CancelAsync(queued.TurnId));

        Assert.Equal(Turn.Types.State.Cancelled, (await chat.CancelAsync(queued.TurnId)).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Interrupt_EndOfAWaitingTurnUnknown_RetryGivesTheAcceptedTurn(bool afterwards)
    {
        var chat = await ChatWorld.NewChatAsync(_server);
        await chat.SendAsync("u1");
        await _world.Model.NextCallAsync();
        await chat.SendAsync("u2");
        _world.Store.FailOnce(nameof(EndStep), afterwards);

        await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u3", "r3", BusyPolicy.Interrupt));

        var turn = await chat.SendAsync("u3", "r3", BusyPolicy.Interrupt);
        Assert.Equal(3, (await _world.LoadAsync()).LastSequence);
        var next = await _world.Model.NextCallAsync();
        Assert.Equal("u:u3", next.Sent);
        next.Finish("m3");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Create_OutcomeUnknown_RetryGivesOneChat(bool afterwards)
    {
        var session = await _server.OpenAsync();
        var request = ChatWorld.Creation(Messages.User("u0"), Messages.Model("m0"));
        request.RequestId = "c1";
        _world.Store.FailOnce(nameof(CreateStep), afterwards);

        await Assert.ThrowsAsync<ChatException>(() => session.CreateAsync(request));

        await session.Ended;
        var chat = await (await _server.OpenAsync()).CreateAsync(request);
        Assert.Equal("chats/chat", chat.Name);
    }

    [Fact]
    public async Task Open_StoreFails_UnavailableAndTheNextTryOpens()
    {
        await ChatWorld.NewChatAsync(_server);
        _world.Store.FailOnce(nameof(IChatStore.LoadAsync), afterwards: false);

        var failure = await Assert.ThrowsAsync<ChatException>(() => _server.OpenAsync());

        Assert.Equal(Code.Unavailable, failure.Code);
        Assert.True((await _server.OpenAsync()).Exists);
    }

    [Fact]
    public async Task Follow_StoreFails_SessionEndsAndIsWokenAgain()
    {
        var owner = await ChatWorld.NewChatAsync(_world.NewServer());
        var turn = await owner.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var follower = await _server.OpenAsync();
        var read = follower.ReadOnceAsync(turn.TurnId);
        await follower.SettleAsync();
        _world.Store.FailOnce(nameof(IChatStore.LoadAsync), afterwards: false);
        await _world.Time.WaitForTimerAsync(_world.Options.RemoteTurnPollInterval);

        _world.Time.Advance(_world.Options.RemoteTurnPollInterval);

        await Assert.ThrowsAsync<ChatConflictException>(() => read);
        await follower.Ended;
        Assert.Contains(ChatWorld.Key, _server.TakeOrphans());
    }

    // The end is tried again when its delay is over.
    private async Task RetryAsync()
    {
        await _world.Time.WaitForTimerAsync(TimeSpan.FromSeconds(1));
        _world.Time.Advance(TimeSpan.FromSeconds(1));
    }

    private static UpdateChatRequest Rename(string name) => new()
    {
        Chat = new Chat { DisplayName = name },
        UpdateMask = new Google.Protobuf.WellKnownTypes.FieldMask { Paths = { "display_name" } },
    };
}
