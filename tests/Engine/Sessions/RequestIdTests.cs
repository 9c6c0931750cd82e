using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Models;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

public sealed class RequestIdTests
{
    private readonly ChatWorld _world = new(new ChatsOptions { MaxQueuedTurns = 1 });

    [Fact]
    public async Task AcceptAsync_IdOfARunningTurn_JoinsIt()
    {
        var chat = await _world.NewChatAsync();
        var first = await chat.SendAsync("u1", "r1");

        var second = await chat.SendAsync(Messages.Send("u1", "r1"), stream: false);

        Assert.Equal(first, second);
        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal("started m1 ended", Messages.Line(await chat.ReadToEndAsync(second.TurnId)));
        Assert.Equal(1, _world.Model.Calls);
    }

    [Fact]
    public async Task AcceptAsync_IdOfAQueuedTurn_JoinsIt()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        var queued = await chat.SendAsync("u2", "r2");

        Assert.Equal(queued, await chat.SendAsync("u2", "r2"));
        Assert.Equal(2, (await _world.LoadAsync()).LastSequence);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AcceptAsync_IdOfAnEndedTurn_ReplaysIt(bool sameSession)
    {
        var server = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        var first = await RunAsync(chat, "u1", "r1");
        var live = await chat.ReadToEndAsync(first.TurnId);
        chat = sameSession ? chat : await server.OpenAsync();

        var second = await chat.SendAsync("u1", "r1");

        Assert.Equal(first, second);
        Assert.Equal(live, await chat.ReadToEndAsync(second.TurnId));
        Assert.Equal(1, _world.Model.Calls);
    }

    [Fact]
    public async Task AcceptAsync_IdReusedForAnotherMessage_InvalidArgument()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1", "r1");
        await InvalidAsync(() => chat.SendAsync("other", "r1"));
        (await _world.Model.NextCallAsync()).Fail(Unavailable());
        await chat.EndOfAsync((await chat.SendAsync("u1", "r1")).TurnId);

        await InvalidAsync(() => chat.SendAsync("other", "r1"));
        await InvalidAsync(() => chat.RecordAsync(Messages.Record("u1", "m1", "r1")));

        static async Task InvalidAsync(Func<Task> send)
        {
            var failure = await Assert.ThrowsAsync<ChatException>(send);
            Assert.Equal((Code.InvalidArgument, "REQUEST_ID_REUSED"), (failure.Code, failure.Reason));
        }
    }

    [Fact]
    public async Task AcceptAsync_IdOfAFailedTurnThatLeftNothing_RunsAgainUnderAnotherTurnId()
    {
        var chat = await _world.NewChatAsync();
        var first = await chat.SendAsync("u1", "r1");
        (await _world.Model.NextCallAsync()).Fail(Unavailable());
        Assert.Equal(Turn.Types.State.Failed, (await chat.EndOfAsync(first.TurnId)).State);

        var second = await chat.SendAsync("u1", "r1");

        Assert.NotEqual(first.TurnId, second.TurnId);
        Assert.Equal("r1", second.RequestId);
        (await _world.Model.NextCallAsync()).Finish("m1");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(second.TurnId)).State);
        Assert.Equal(second, await chat.SendAsync("u1", "r1"));
        Assert.Equal(Turn.Types.State.Failed, (await chat.GetTurnAsync(first.TurnId)).State);
        Assert.Equal("u:u1 m:m1", await chat.HistoryAsync());
    }

    [Fact]
    public async Task AcceptAsync_IdOfAFailedTurnWithPartialOutput_ReplaysIt()
    {
        var chat = await _world.NewChatAsync();
        var first = await chat.SendAsync("u1", "r1");
        var call = await _world.Model.NextCallAsync();
        call.Say("par");
        call.Fail(Unavailable());
        Assert.Equal(Turn.Types.State.Failed, (await chat.EndOfAsync(first.TurnId)).State);

        Assert.Equal(first, await chat.SendAsync("u1", "r1"));
        Assert.Equal(1, _world.Model.Calls);
    }

    [Fact]
    public async Task AcceptAsync_IdOfACancelledTurn_ReplaysIt()
    {
        var chat = await _world.NewChatAsync();
        var first = await chat.SendAsync("u1", "r1");
        await _world.Model.NextCallAsync();
        await chat.CancelAsync(first.TurnId);

        Assert.Equal(first, await chat.SendAsync("u1", "r1"));
    }

    [Fact]
    public async Task GetRequestedTurnAsync_IsTheTurnInAnyState()
    {
        var chat = await _world.NewChatAsync();
        var running = await chat.SendAsync("u1", "r1");
        var call = await _world.Model.NextCallAsync();
        var queued = await chat.SendAsync("u2", "r2");

        Assert.Equal((running.TurnId, Turn.Types.State.Running), await FindAsync("r1"));
        Assert.Equal((queued.TurnId, Turn.Types.State.Queued), await FindAsync("r2"));
        call.Finish("m1");
        await chat.EndOfAsync(running.TurnId);
        Assert.Equal(await chat.GetTurnAsync(running.TurnId), await chat.GetRequestedTurnAsync("r1"));

        // A failed turn that was tried again has no request ID.
        (await _world.Model.NextCallAsync()).Fail(Unavailable());
        await chat.EndOfAsync(queued.TurnId);
        Assert.Equal((queued.TurnId, Turn.Types.State.Failed), await FindAsync("r2"));
        var again = await RunAsync(chat, "u2", "r2");
        Assert.Equal((again.TurnId, Turn.Types.State.Completed), await FindAsync("r2"));

        async Task<(string TurnId, Turn.Types.State State)> FindAsync(string requestId)
        {
            var turn = await chat.GetRequestedTurnAsync(requestId);
            Assert.Equal(requestId, turn.RequestId);
            return (turn.TurnId, turn.State);
        }
    }

    [Fact]
    public async Task GetRequestedTurnAsync_NoTurn_NotFound()
    {
        var chat = await _world.NewChatAsync();
        await RunAsync(chat, "u1", "r1");
        await RunAsync(chat, "u2", "erased");
        await chat.RewindAsync(1, "rewind", erase: true);

        foreach (var requestId in (string[])["unknown", "rewind", "erased"])
        {
            var failure = await Assert.ThrowsAsync<ChatException>(() => chat.GetRequestedTurnAsync(requestId));
            Assert.Equal((Code.NotFound, "TURN_NOT_FOUND"), (failure.Code, failure.Reason));
        }
    }

    [Fact]
    public async Task AcceptAsync_RetryThatWouldBeRefused_GetsTheRecordedTurn()
    {
        var chat = await _world.NewChatAsync();
        var first = await RunAsync(chat, "u1", "r1");
        await chat.SendAsync("u2");
        await chat.SendAsync("u3");

        Assert.Equal(first, await chat.SendAsync("u1", "r1"));
        Assert.Equal(first, await chat.SendAsync("u1", "r1", BusyPolicy.Reject));
        Assert.Equal(first, await chat.SendAsync("u1", "r1", expectedRevision: 0));
    }

    [Fact]
    public async Task AcceptAsync_RetryOfAFailedTurnThatIsRefused_GetsTheRefusal()
    {
        var chat = await _world.NewChatAsync();
        var first = await chat.SendAsync("u1", "r1");
        (await _world.Model.NextCallAsync()).Fail(Unavailable());
        await chat.EndOfAsync(first.TurnId);
        await chat.SendAsync("u2");

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u1", "r1", BusyPolicy.Reject));

        Assert.Equal("CHAT_BUSY", failure.Reason);
    }

    [Fact]
    public async Task AcceptAsync_RetryOfAnInterrupt_InterruptsNothing()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1", "r1", BusyPolicy.Interrupt);
        var call = await _world.Model.NextCallAsync();

        var turn = await chat.SendAsync("u1", "r1", BusyPolicy.Interrupt);

        call.Finish("m1");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(turn.TurnId)).State);
    }

    [Fact]
    public async Task AcceptAsync_NoId_TheServerMakesOne()
    {
        var chat = await _world.NewChatAsync();

        var first = await chat.SendAsync("u1");
        var second = await chat.SendAsync("u1");

        Assert.NotEqual(first.TurnId, second.TurnId);
        Assert.NotEqual("", first.RequestId);
        Assert.NotEqual(first.RequestId, second.RequestId);
    }

    private async Task<AcceptedTurn> RunAsync(TestSession chat, string text, string requestId)
    {
        var turn = await chat.SendAsync(text, requestId);
        (await _world.Model.NextCallAsync()).Finish("m");
        await chat.EndOfAsync(turn.TurnId);
        return turn;
    }

    private static ModelException Unavailable() => new(Code.Unavailable, ModelErrorReasons.Unavailable, "The model is away.");
}
