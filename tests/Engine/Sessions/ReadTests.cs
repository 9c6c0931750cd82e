using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Engine.Tests.Sessions;

public sealed class ReadTests
{
    private readonly ChatWorld _world = new();

    [Theory]
    [InlineData(0, "started a b c ended")]
    [InlineData(1, "a b c ended")]
    [InlineData(2, "b c ended")]
    [InlineData(3, "c ended")]
    [InlineData(4, "ended")]
    [InlineData(5, "")]
    [InlineData(99, "")]
    public async Task ReadTurnAsync_AnyOffset_GivesTheRest(long afterOffset, string rest)
    {
        var server = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        var turn = await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        call.Say("a");
        call.Say("b");
        await ReadUntilAsync(chat, turn.TurnId, 3);
        var during = chat.ReadToEndAsync(turn.TurnId, afterOffset);
        call.Finish("c");

        // The reader that came early, one that comes late, and one of another session get the same.
        Assert.Equal(rest, Messages.Line(await during));
        Assert.Equal(await during, await chat.ReadToEndAsync(turn.TurnId, afterOffset));
        Assert.Equal(await during, await (await server.OpenAsync()).ReadToEndAsync(turn.TurnId, afterOffset));
    }

    [Fact]
    public async Task ReadTurnAsync_QueuedTurn_WaitsForItsStart()
    {
        var chat = await _world.NewChatAsync();
        await chat.SendAsync("u1");
        var call = await _world.Model.NextCallAsync();
        var queued = await chat.SendAsync("u2");
        var read = chat.ReadToEndAsync(queued.TurnId);
        await chat.SettleAsync();

        call.Finish("m1");
        (await _world.Model.NextCallAsync()).Finish("m2");

        Assert.Equal("started m2 ended", Messages.Line(await read));
    }

    [Fact]
    public async Task ReadTurnAsync_NothingForAWhile_EndsWithoutEvents()
    {
        var chat = await _world.NewChatAsync();
        var turn = await chat.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var read = chat.ReadOnceAsync(turn.TurnId, afterOffset: 1);
        await chat.SettleAsync();

        _world.Time.Advance(ChatSession.ReadWait);

        var events = await read;
        Assert.Empty(events.Events);
        Assert.False(events.Ended);
    }

    [Fact]
    public async Task ReadTurnAsync_ManyEvents_ComesInSeveralReads()
    {
        var chat = await _world.NewChatAsync();
        _world.Model.Answer = _ => Enumerable.Range(0, 1000).Select(i => Messages.Chunk($"{i}", i == 999 ? "STOP" : ""));
        var turn = await chat.SendAsync("u1");
        await chat.EndOfAsync(turn.TurnId);

        var first = await chat.ReadOnceAsync(turn.TurnId);

        Assert.InRange(first.Events.Length, 2, 999);
        Assert.False(first.Ended);
        var all = await chat.ReadToEndAsync(turn.TurnId);
        Assert.Equal(Enumerable.Range(1, 1002).Select(i => (long)i), all.Select(e => e.Offset));
    }

    [Fact]
    public async Task ReadTurnAsync_OldTurn_IsReplayed()
    {
        var chat = await _world.NewChatAsync();
        var turns = new List<(string Id, List<TurnEvent> Live)>();
        for (var i = 0; i < 5; i++)
        {
            var turn = await chat.SendAsync($"u{i}");
            (await _world.Model.NextCallAsync()).Finish($"m{i}");
            turns.Add((turn.TurnId, await chat.ReadToEndAsync(turn.TurnId)));
        }

        foreach (var (id, live) in turns)
        {
            Assert.Equal(live, await chat.ReadToEndAsync(id));
        }
    }

    [Fact]
    public async Task ReadTurnAsync_SessionLearnsLateOfAnEnd_NeverGivesAnEndThatIsNone()
    {
        var server = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        var other = await _world.NewServer().OpenAsync();
        await other.SendAsync("u1");
        await _world.Model.NextCallAsync();
        var queued = await other.SendAsync("u2");

        // A read of the chat from before the turn's end arrives after a reader has found the end.
        var load = _world.Store.HoldOnce(nameof(IChatStore.LoadAsync), afterwards: true);
        var wake = chat.WakeAsync();
        await load.Reached;
        await other.CancelAsync(queued.TurnId);
        var find = _world.Store.HoldOnce(nameof(IChatStore.FindTurnAsync), afterwards: true);
        var read = chat.ReadToEndAsync(queued.TurnId);
        await find.Reached;
        load.Open();
        await wake;
        find.Open();
        await chat.SettleAsync();
        _world.Time.Advance(_world.Options.RemoteTurnPollInterval);

        Assert.Equal(Turn.Types.State.Cancelled, Assert.Single(await read).Ended.State);
    }

    [Theory]
    [InlineData("chat", "TURN_NOT_FOUND")]
    [InlineData("none", "CHAT_NOT_FOUND")]
    public async Task ReadTurnAsync_NoSuchTurn_NotFound(string chatId, string reason)
    {
        var server = _world.NewServer();
        await ChatWorld.NewChatAsync(server);
        var session = await server.OpenAsync(chatId);

        var failures = new[]
        {
            await Assert.ThrowsAsync<ChatException>(() => session.ReadOnceAsync("t")),
            await Assert.ThrowsAsync<ChatException>(() => session.GetTurnAsync("t")),
        };

        Assert.All(failures, f => Assert.Equal((Code.NotFound, reason), (f.Code, f.Reason)));
    }

    [Fact]
    public async Task GetHistoryAsync_NoSuchChat_NotFound()
    {
        var session = await _world.NewServer().OpenAsync();

        Assert.Equal("CHAT_NOT_FOUND", (await Assert.ThrowsAsync<ChatException>(() => session.HistoryAsync())).Reason);
        Assert.Equal("CHAT_NOT_FOUND", (await Assert.ThrowsAsync<ChatException>(session.GetAsync)).Reason);
    }

    [Fact]
    public async Task ReadTurnAsync_StoreFails_UnavailableAndTheSessionGoesOn()
    {
        var chat = await _world.NewChatAsync();
        _world.Store.FailOnce(nameof(IChatStore.FindTurnAsync), afterwards: false);

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.ReadOnceAsync("t"));

        Assert.Equal((Code.Unavailable, "STORE_UNAVAILABLE"), (failure.Code, failure.Reason));
        Assert.NotNull(failure.RetryDelay);
        Assert.False(chat.HasEnded);
        await chat.SendAsync("u1");
    }

    private static async Task ReadUntilAsync(TestSession chat, string turnId, long offset)
    {
        for (var last = 0L; last < offset;)
        {
            var events = await chat.ReadOnceAsync(turnId, last);
            last = events.Events.Length > 0 ? events.Decode().Last().Offset : last;
        }
    }
}
