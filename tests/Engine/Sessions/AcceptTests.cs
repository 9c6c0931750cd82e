using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

public sealed class AcceptTests
{
    private readonly ChatWorld _world = new();

    [Fact]
    public async Task AcceptAsync_IdleChat_StartsInTheSameCommit()
    {
        var chat = await _world.NewChatAsync();
        var commits = new List<string>();
        _world.Store.Around = (name, call) =>
        {
            commits.Add(name);
            return call();
        };

        var accepted = await chat.SendAsync("hello", "r1");
        var call = await _world.Model.NextCallAsync();

        Assert.Equal([nameof(AcceptStep)], commits);
        var turn = await _world.TurnAsync(accepted.TurnId);
        Assert.Equal((TurnState.Running, 1, "r1"), (turn.State, turn.Attempt, turn.RequestId));
        Assert.NotNull(turn.Owner);
        Assert.Equal("r1", accepted.RequestId);
        Assert.True(chat.IsKeptActive);
        call.Finish("hi");
        Assert.Equal(Turn.Types.State.Completed, (await chat.EndOfAsync(accepted.TurnId)).State);
    }

    [Fact]
    public async Task AcceptAsync_ModelAnswersAtOnce_AnswerComesWithTheAcceptance()
    {
        var chat = await _world.NewChatAsync();
        _world.Model.Answer = _ => [Messages.Chunk("hel"), Messages.Chunk("lo", "STOP")];
        var end = _world.Store.HoldOnce(nameof(EndStep));

        var accepted = await chat.CallAsync(s => s.SendAsync(Messages.Send("hi"), stream: true));

        // But for its end, which is durable later.
        Assert.Equal("started hel lo", Messages.Line(accepted.Ready.Decode()));
        Assert.False(accepted.Ready.Ended);
        end.Open();
        var rest = await chat.ReadToEndAsync(accepted.TurnId, accepted.Ready.Decode().Last().Offset);
        Assert.Equal("ended", Messages.Line(rest));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AcceptAsync_ModelAnswersAndStoreCommitsAtOnce_EndComesWithTheAcceptance(bool stream)
    {
        var chat = await _world.NewChatAsync();
        _world.Model.Answer = _ => [Messages.Chunk("hello", "STOP")];

        var accepted = await chat.CallAsync(s => s.SendAsync(Messages.Send("hi"), stream));

        Assert.Equal("started hello ended", Messages.Line(accepted.Ready.Decode()));
        Assert.True(accepted.Ready.Ended);
        Assert.Null(accepted.Log);
    }

    [Fact]
    public async Task AcceptAsync_AnswerComes_TurnIsCompletedAndInTheHistory()
    {
        var chat = await _world.NewChatAsync();
        var accepted = await chat.SendAsync("hello");
        var call = await _world.Model.NextCallAsync();
        call.Say("hel");
        call.Say("lo ");
        call.Finish("you");

        var events = await chat.ReadToEndAsync(accepted.TurnId);

        Assert.Equal("started hel lo  you ended", Messages.Line(events));
        var end = events[^1].Ended;
        Assert.Equal((Turn.Types.State.Completed, 1L, true, "STOP"), (end.State, end.Revision, end.Curated, end.FinishReason));
        Assert.Equal("u:hello m:hello you", await chat.HistoryAsync());
        var view = await chat.GetAsync();
        Assert.Equal((1, 1, "", 0), (view.Revision, view.TurnCount, view.ActiveTurnId, view.QueuedTurns));
        await chat.SettleAsync();
        Assert.False(chat.IsKeptActive);
    }

    [Fact]
    public async Task AcceptAsync_SeveralSends_RunOneAfterTheOtherWithTheHistoryBefore()
    {
        var chat = await _world.NewChatAsync(Messages.User("u0"), Messages.Model("m0"));
        var turns = new List<AcceptedTurn>();
        for (var i = 1; i <= 3; i++)
        {
            turns.Add(await chat.SendAsync($"u{i}"));
        }

        Assert.Equal((2, turns[0].TurnId), ((await chat.GetAsync()).QueuedTurns, (await chat.GetAsync()).ActiveTurnId));
        string[] sent = ["u:u0 m:m0 u:u1", "u:u0 m:m0 u:u1 m:m1 u:u2", "u:u0 m:m0 u:u1 m:m1 u:u2 m:m2 u:u3"];
        for (var i = 1; i <= 3; i++)
        {
            var call = await _world.Model.NextCallAsync();
            Assert.Equal(sent[i - 1], call.Sent);
            Assert.Equal(i, _world.Model.Calls);
            call.Finish($"m{i}");
            Assert.Equal(i, (await chat.EndOfAsync(turns[i - 1].TurnId)).Revision);
        }
    }

    [Fact]
    public async Task AcceptAsync_UncuratedTurnBefore_IsNotSent()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        (await _world.Model.NextCallAsync()).End();
        await chat.SendAsync("u2");
        var second = await _world.Model.NextCallAsync();
        var third = await chat.SendAsync("u3");
        second.Finish("m2");

        var call = await _world.Model.NextCallAsync();

        Assert.Equal("u:u2 m:m2 u:u3", call.Sent);
        call.Finish("m3");
        await chat.EndOfAsync(third.TurnId);
        Assert.Equal("u:u1 m u:u2 m:m2 u:u3 m:m3", await chat.HistoryAsync());
        Assert.Equal("u:u2 m:m2 u:u3 m:m3", await chat.HistoryAsync(curated: true));
    }

    [Fact]
    public async Task AcceptAsync_NoSuchChat_NotFound()
    {
        var session = await _world.NewServer().OpenAsync();

        var failure = await Assert.ThrowsAsync<ChatException>(() => session.SendAsync("hello"));

        Assert.Equal((Code.NotFound, "CHAT_NOT_FOUND"), (failure.Code, failure.Reason));
        Assert.False(session.Exists);
    }

    [Theory]
    [InlineData(1, 1_000_000)]
    [InlineData(100, 1200)]
    public async Task AcceptAsync_HistoryFull_ResourceExhausted(long maxTurns, long maxHistoryBytes)
    {
        var world = new ChatWorld(new ChatsOptions { MaxTurns = maxTurns, MaxHistoryBytes = maxHistoryBytes });
        var chat = await world.NewChatAsync();
        var first = await chat.SendAsync(new string('x', 600));
        (await world.Model.NextCallAsync()).Finish("m1");
        await chat.EndOfAsync(first.TurnId);

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync(new string('y', 600)));

        Assert.Equal((Code.ResourceExhausted, "HISTORY_FULL"), (failure.Code, failure.Reason));
        Assert.Equal(1, (await chat.GetAsync()).TurnCount);
    }

    [Fact]
    public async Task AcceptAsync_UsageReported_IsSummedOverTheTurns()
    {
        var chat = await _world.NewChatAsync();
        for (var i = 1; i <= 2; i++)
        {
            var turn = await chat.SendAsync($"u{i}");
            var call = await _world.Model.NextCallAsync();
            var last = Messages.Chunk("m", "STOP");
            last.UsageMetadata = new UsageMetadata { TotalTokenCount = 10 * i };
            call.Say(last);
            call.End();
            Assert.Equal(10 * i, (await chat.EndOfAsync(turn.TurnId)).Usage.TotalTokenCount);
        }

        Assert.Equal(30, (await chat.GetAsync()).TotalUsage.TotalTokenCount);
    }
}
