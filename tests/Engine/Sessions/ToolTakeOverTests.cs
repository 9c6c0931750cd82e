using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Sessions.State;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using static GenAI.Chats.TestKit.Chats.Messages;

namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>Turns whose server is lost between the calls of tools.</summary>
public sealed class ToolTakeOverTests
{
    private readonly ChatWorld _world = new();
    private readonly TestTool _f = new("f");
    private readonly TestTool _once = new("once");

    public ToolTakeOverTests()
    {
        _world.Tools.Add(new RegisteredTool(_f, new ChatToolOptions()));
        _world.Tools.Add(new RegisteredTool(_once, new ChatToolOptions { RunsAgain = false }));
    }

    [Fact]
    public async Task ServerLost_CallHasReturned_IsNotRunAgain()
    {
        var server = _world.NewServer();
        var turn = await SendAsync(await ChatWorld.NewChatAsync(server));
        await AnswerAsync("u:u1", "thinking ", Call("f", "1"), Call("f", "2"));
        var calls = new[] { await _f.NextCallAsync(), await _f.NextCallAsync() }.OrderBy(c => c.Call.CallId).ToList();
        calls[1].Return("two");
        await KeptAsync(2);

        var next = await TakeOverAsync(server);

        // The first call alone is run again, as the same one.
        var again = await _f.NextCallAsync();
        Assert.Equal(calls[0].Call, again.Call);
        Assert.Equal("started thinking  f?1f?2", Line((await next.ReadOnceAsync(turn.TurnId)).Decode()));
        again.Return("one");
        await AnswerAsync("u:u1 m:thinking f?1f?2 u:f!1f!2", "", Call("f"));
        (await _f.NextCallAsync()).Return("three");
        await AnswerAsync("u:u1 m:thinking f?1f?2 u:f!1f!2 m:f? u:f!", "done");
        var events = await next.ReadToEndAsync(turn.TurnId);

        Assert.Equal("started thinking  f?1f?2 f!1f!2  f? f! done  ended", Line(events));
        Assert.Equal(2, events[0].Started.Attempt);
        Assert.Equal(Enumerable.Range(1, events.Count).Select(i => EventOffsets.PerAttempt + i), events.Select(e => e.Offset));
        Assert.Equal(
            ["one", "two"], events[3].Chunk.Candidates[0].Content.Parts.Select(p => p.FunctionResponse.Response.Fields["output"].StringValue));
        Assert.Equal(events, Views.Events(await _world.TurnAsync(turn.TurnId)));
        Assert.True(events[^1].Ended.Curated);
        Assert.False(_f.HasCall);
        Assert.Equal(3, _world.Model.Calls);
        Assert.Empty(await ProgressAsync());
    }

    [Fact]
    public async Task ServerLost_ModelHasBeenCalledAgain_OnlyTheModelIsCalledAgain()
    {
        var server = _world.NewServer();
        var turn = await SendAsync(await ChatWorld.NewChatAsync(server));
        for (var (round, sent) = (0, "u:u1"); round < 2; round++, sent += " m:f? u:f!")
        {
            await AnswerAsync(sent, "", Call("f"));
            (await _f.NextCallAsync()).Return($"{round}");
        }

        (await _world.Model.NextCallAsync()).Say("par");

        var next = await TakeOverAsync(server);
        await AnswerAsync("u:u1 m:f? u:f! m:f? u:f!", "done");

        Assert.Equal("started  f? f!  f? f! done  ended", Line(await next.ReadToEndAsync(turn.TurnId)));
        Assert.False(_f.HasCall);
    }

    [Fact]
    public async Task ServerLost_CallThatMustNotRunTwice_ModelIsTold()
    {
        var server = _world.NewServer();
        var turn = await SendAsync(await ChatWorld.NewChatAsync(server));
        await AnswerAsync("u:u1", "", Call("once"));
        await _once.NextCallAsync();

        var next = await TakeOverAsync(server);
        var call = await _world.Model.NextCallAsync();

        Assert.Contains("won't be retried", call.Request.Contents[^1].Parts[0].FunctionResponse.Response.Fields["error"].StringValue, StringComparison.Ordinal);
        call.Finish("m");
        Assert.True((await next.EndOfAsync(turn.TurnId)).Curated);
        Assert.False(_once.HasCall);
    }

    [Fact]
    public async Task ServerLost_NextOneLacksTheTool_CallIsTheClients()
    {
        var server = _world.NewServer();
        var turn = await SendAsync(await ChatWorld.NewChatAsync(server));
        await AnswerAsync("u:u1", "", Call("f"), Call("once"));
        await _f.NextCallAsync();
        (await _once.NextCallAsync()).Return("ok");
        await KeptAsync(2);
        _world.Tools.RemoveAll(t => t.Name == "f");

        var next = await TakeOverAsync(server);

        var events = await next.ReadToEndAsync(turn.TurnId);
        Assert.Equal("started  f?once? once! ended", Line(events));
        Assert.False(events[^1].Ended.Curated);
        await next.SendAsync(Send(User(Response("f"))));
        Assert.Equal("u:u1 m:f?once? u:f!once!", (await _world.Model.NextCallAsync()).Sent);
    }

    [Fact]
    public async Task AnotherActivationTakesOver_CallHasReturned_IsNotRunAgain()
    {
        var server = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        var kept = _world.Store.HoldOnce(nameof(ProgressStep), afterwards: true);
        var turn = await SendAsync(chat);
        await AnswerAsync("u:u1", "", Call("f"));
        await kept.Reached;
        var next = await server.OpenAsync();
        (await _f.NextCallAsync()).Return("ok");
        var call = await _world.Model.NextCallAsync();

        kept.Open();

        await chat.Ended;
        Assert.False(_f.HasCall);
        call.Finish("m");
        Assert.Equal((true, 2), ((await next.EndOfAsync(turn.TurnId)).Curated, (await next.GetTurnAsync(turn.TurnId)).Attempt));
        await server.State.BeginDrain().WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task ServerDrains_CallIsStoppedAndRunAgainElsewhere()
    {
        var server = _world.NewServer();
        var turn = await SendAsync(await ChatWorld.NewChatAsync(server));
        await AnswerAsync("u:u1", "", Call("f"));
        var call = await _f.NextCallAsync();

        _ = server.State.BeginDrain();
        await server.State.ReleaseAllAsync().WaitAsync(Patience.Limit);
        var next = await _world.NewServer().OpenAsync();

        Assert.True(call.Stop.IsCancellationRequested);
        var again = await _f.NextCallAsync();
        Assert.Equal(call.Call, again.Call);
        again.Return("ok");
        await AnswerAsync("u:u1 m:f? u:f!", "m");
        Assert.Equal(2, (await next.EndOfAsync(turn.TurnId)).Attempt);
        Assert.Equal(0, (await _world.TurnAsync(turn.TurnId)).UsedAttempts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StoreFails_WhenAResultIsKept_IsTriedAgainAndTheCallIsNotRunAgain(bool afterwards)
    {
        var server = _world.NewServer();
        var chat = await ChatWorld.NewChatAsync(server);
        var turn = await SendAsync(chat);
        await AnswerAsync("u:u1", "", Call("f"));
        var call = await _f.NextCallAsync();
        _world.Store.FailOnce(nameof(ProgressStep), afterwards);
        call.Return("first");
        await _world.Time.WaitForTimerAsync(TimeSpan.FromSeconds(1));
        _world.Time.Advance(TimeSpan.FromSeconds(1));

        await AnswerAsync("u:u1 m:f? u:f!", "m");
        Assert.Equal((true, 1), ((await chat.EndOfAsync(turn.TurnId)).Curated, (await chat.GetTurnAsync(turn.TurnId)).Attempt));
        Assert.False(_f.HasCall);
    }

    [Fact]
    public async Task StoreFails_WhenProgressIsRead_NothingRunsBeforeItIs()
    {
        var server = _world.NewServer();
        var turn = await SendAsync(await ChatWorld.NewChatAsync(server));
        await AnswerAsync("u:u1", "", Call("f"));
        (await _f.NextCallAsync()).Return("ok");
        var cut = await _world.Model.NextCallAsync();
        server.Leave();
        _world.Store.FailOnce(nameof(IChatStore.ReadProgressAsync), afterwards: false);
        var other = _world.NewServer();
        var session = await other.OpenAsync();
        await session.Ended;

        Assert.Contains(new OrphanedChat(ChatWorld.Key, Sequence: 1, turn.TurnId, Attempt: 2), other.State.Orphans.Take());
        var next = await other.OpenAsync();
        await AnswerAsync("u:u1 m:f? u:f!", "m");
        Assert.True((await next.EndOfAsync(turn.TurnId)).Curated);
        Assert.False(_f.HasCall);
        cut.End();
    }

    [Fact]
    public async Task AttemptsExhausted_ProgressIsRemoved()
    {
        var world = new ChatWorld(new ChatsOptions { MaxRecoveryAttempts = 0 });
        world.Tools.AddRange(_world.Tools);
        var server = world.NewServer();
        var turn = await SendAsync(await ChatWorld.NewChatAsync(server));
        var call = await world.Model.NextCallAsync();
        call.Say(Parts("STOP", Call("f")));
        call.End();
        await _f.NextCallAsync();
        server.Leave();

        var next = await world.NewServer().OpenAsync();

        Assert.Equal("ATTEMPTS_EXHAUSTED", (await next.EndOfAsync(turn.TurnId)).Error.Reason);
        Assert.Empty(await world.Store.ReadProgressAsync(ChatWorld.Key, 1, CancellationToken.None));
    }

    private static Task<AcceptedTurn> SendAsync(TestSession chat) =>
        chat.SendAsync(new SendMessageRequest { Text = "u1", Config = TestTool.AskFor("f", "once") });

    private async Task<TestSession> TakeOverAsync(TestServer lost)
    {
        lost.Leave();
        return await _world.NewServer().OpenAsync();
    }

    private async Task AnswerAsync(string sent, string text, params Part[] calls)
    {
        var call = await _world.Model.NextCallAsync();
        Assert.Equal(sent, call.Sent);
        call.Say(text);
        call.Say(Parts("STOP", calls.Length > 0 ? calls : [new Part { Text = "" }]));
        call.End();
    }

    private async Task KeptAsync(int steps)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        while ((await ProgressAsync()).Count < steps)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private Task<IReadOnlyList<GenAI.Chats.Engine.Storage.Records.TurnProgress>> ProgressAsync() =>
        _world.Store.ReadProgressAsync(ChatWorld.Key, 1, CancellationToken.None);
}
