using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.Engine.Tools;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using static GenAI.Chats.TestKit.Chats.Messages;

namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>Calls that the service runs.</summary>
public sealed class ToolTests
{
    private readonly ChatWorld _world = new();
    private readonly TestTool _f = new("f");
    private readonly TestTool _g = new("g");

    public ToolTests()
    {
        _world.Tools.Add(new RegisteredTool(_f, new ChatToolOptions()));
        _world.Tools.Add(new RegisteredTool(_g, new ChatToolOptions { Timeout = TimeSpan.FromSeconds(9) }));
    }

    [Fact]
    public async Task Turn_CallsTools_RunsThemAndIsCuratedWhole()
    {
        var chat = await _world.NewChatAsync(User("u0"), Model("m0"));
        var turn = await SendAsync(chat, "u1", "f", "g");
        var first = await AnswerAsync("u:u0 m:m0 u:u1", Call("f", "7"), Call("g"), Call("f"));
        Assert.Equal([_f.Declaration, _g.Declaration], first.Request.Config!.Tools[0].FunctionDeclarations);
        var calls = new[] { await _f.NextCallAsync(), await _f.NextCallAsync(), await _g.NextCallAsync() }.OrderBy(c => c.Call.CallId).ToList();
        var (f7, g, f) = (calls[0], calls[1], calls[2]);
        Assert.Equal(
            [("7", $"{turn.TurnId}.1"), ("", $"{turn.TurnId}.2"), ("", $"{turn.TurnId}.3")],
            calls.Select(c => (c.Call.FunctionCallId, c.Call.CallId)));
        Assert.Equal((ChatWorld.Tenant, ChatWorld.ChatId, turn.TurnId, "g"), (g.Call.Tenant, g.Call.ChatId, g.Call.TurnId, g.Call.Name));

        // They run together, and are answered in the order of the calls.
        f.Return("third");
        g.Return("second");
        f7.Return("first");
        await AnswerAsync("u:u0 m:m0 u:u1 m:f?7g?f? u:f!7g!f!", Call("g"));
        (await _g.NextCallAsync()).Return("fourth");
        await AnswerAsync("u:u0 m:m0 u:u1 m:f?7g?f? u:f!7g!f! m:g? u:g!", new Part { Text = "done" });

        var events = await chat.ReadToEndAsync(turn.TurnId);
        Assert.Equal("started f?7g?f? f!7g!f! g? g! done ended", Line(events));
        Assert.Equal(Enumerable.Range(1, 7), events.Select(e => (int)e.Offset));
        Assert.Equal(
            ["first", "second", "third"],
            events[2].Chunk.Candidates[0].Content.Parts.Select(p => p.FunctionResponse.Response.Fields["output"].StringValue));
        Assert.Equal((Turn.Types.State.Completed, true, 1L), (events[^1].Ended.State, events[^1].Ended.Curated, events[^1].Ended.Revision));
        Assert.Equal("u:u0 m:m0 u:u1 m:f?7g?f? u:f!7g!f! m:g? u:g! m:done", await chat.HistoryAsync(curated: true));
        Assert.Equal(events, Views.Events(await _world.TurnAsync(turn.TurnId)));
        Assert.Empty(await ProgressAsync());
    }

    [Fact]
    public async Task Turn_CallsManyTools_AFewRunAtOnce()
    {
        var world = new ChatWorld(new ChatsOptions { MaxConcurrentToolCalls = 2 });
        world.Tools.AddRange(_world.Tools);
        var chat = await world.NewChatAsync();
        var turn = await SendAsync(chat, "u1", "f");
        var call = await world.Model.NextCallAsync();
        call.Say(Parts("STOP", [.. Enumerable.Range(0, 5).Select(i => Call("f", $"{i}"))]));
        call.End();

        var (first, second) = (await _f.NextCallAsync(), await _f.NextCallAsync());
        await chat.SettleAsync();
        Assert.False(_f.HasCall);
        Return(second);
        Return(await _f.NextCallAsync());
        Return(await _f.NextCallAsync());
        Return(await _f.NextCallAsync());
        Return(first);
        (await world.Model.NextCallAsync()).Finish("done");

        var events = await chat.ReadToEndAsync(turn.TurnId);
        Assert.Equal(
            ["0", "1", "2", "3", "4"], events[2].Chunk.Candidates[0].Content.Parts.Select(p => p.FunctionResponse.Response.Fields["output"].StringValue));

        static void Return(TestToolCall tool) => tool.Return(tool.Call.FunctionCallId);
    }

    [Fact]
    public async Task Turn_UsageReported_IsThatOfAllAnswers()
    {
        var chat = await _world.NewChatAsync();
        var turn = await SendAsync(chat, "u1", "f");
        foreach (var parts in new Part[][] { [Call("f")], [new Part { Text = "m" }] })
        {
            var call = await _world.Model.NextCallAsync();
            var response = Parts("STOP", parts);
            response.UsageMetadata = new UsageMetadata { TotalTokenCount = 10 };
            call.Say(response);
            call.End();
            if (parts[0].FunctionCall is not null)
            {
                (await _f.NextCallAsync()).Return("ok");
            }
        }

        Assert.Equal(20, (await chat.EndOfAsync(turn.TurnId)).Usage.TotalTokenCount);
        Assert.Equal(20, (await chat.GetAsync()).TotalUsage.TotalTokenCount);
    }

    [Fact]
    public async Task Turn_NoToolIsAskedFor_CallsAreTheClients()
    {
        var chat = await _world.NewChatAsync();
        var own = TestTool.AskFor("f");
        own.Tools[0].FunctionDeclarations[0].Description = "The client's own.";
        foreach (var config in new[] { null, TestTool.AskFor("other"), own })
        {
            var turn = await chat.SendAsync(new SendMessageRequest { Text = "u1", Config = config });
            var call = await AnswerAsync("u:u1", Call("f"));

            Assert.Equal(config, call.Request.Config);
            Assert.Equal("u:u1 m:f?", Line((await _world.TurnAsync((await chat.EndOfAsync(turn.TurnId)).TurnId)).Outcome!.Contents.Prepend(User("u1"))));
        }

        Assert.False(_f.HasCall);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(null, 0)]
    [InlineData(null, -1)]
    public async Task Turn_FunctionCallingIsOff_CallsAreTheClients(bool? disable, int? maxCalls)
    {
        var chat = await _world.NewChatAsync();
        var config = TestTool.AskFor("f");
        config.AutomaticFunctionCalling = new AutomaticFunctionCallingConfig();
        if (disable is { } off)
        {
            config.AutomaticFunctionCalling.Disable = off;
        }

        if (maxCalls is { } most)
        {
            config.AutomaticFunctionCalling.MaximumRemoteCalls = most;
        }

        var turn = await chat.SendAsync(new SendMessageRequest { Text = "u1", Config = config });
        var call = await AnswerAsync("u:u1", Call("f"));

        Assert.Equal(_f.Declaration, call.Request.Config!.Tools[0].FunctionDeclarations[0]);
        Assert.False((await chat.EndOfAsync(turn.TurnId)).Curated);
        await chat.SendAsync(Send(User(Response("f"))));
        Assert.Equal("u:u1 m:f? u:f!", (await _world.Model.NextCallAsync()).Sent);
    }

    [Theory]
    [InlineData(null, 10)]
    [InlineData(2, 2)]
    public async Task Turn_MoreRoundsThanMayBe_LastCallIsTheClients(int? most, int rounds)
    {
        var chat = await _world.NewChatAsync();
        var config = TestTool.AskFor("f");
        if (most is { } calls)
        {
            config.AutomaticFunctionCalling = new AutomaticFunctionCallingConfig { MaximumRemoteCalls = calls };
        }

        var turn = await chat.SendAsync(new SendMessageRequest { Text = "u1", Config = config });
        var sent = "u:u1";
        for (var i = 0; i < rounds; i++, sent += " m:f? u:f!")
        {
            await AnswerAsync(sent, Call("f"));
            (await _f.NextCallAsync()).Return("ok");
        }

        await AnswerAsync(sent, Call("f"));

        var end = await chat.EndOfAsync(turn.TurnId);
        Assert.Equal((Turn.Types.State.Completed, false), (end.State, end.Curated));
        await chat.SendAsync(Send(User(Response("f"))));
        Assert.Equal(sent + " m:f? u:f!", (await _world.Model.NextCallAsync()).Sent);
    }

    [Fact]
    public async Task Turn_CallsOfBoth_TheClientsAreAnsweredByTheNextSendAndJoined()
    {
        var chat = await _world.NewChatAsync();
        var turn = await SendAsync(chat, "u1", "f");
        await AnswerAsync("u:u1", Call("mine", "1"), Call("f", "2"), Call("mine", "3"));
        (await _f.NextCallAsync()).Return("ok");

        var events = await chat.ReadToEndAsync(turn.TurnId);
        Assert.Equal("started mine?1f?2mine?3 f!2 ended", Line(events));
        Assert.False(events[^1].Ended.Curated);
        var refused = await Assert.ThrowsAsync<ChatException>(
            () => chat.SendAsync(Send(User(Response("mine", "1"), Response("f", "2"), Response("mine", "3")))));
        Assert.Equal("message.parts[1].function_response.id", refused.Field);
        var next = await chat.SendAsync(Send(User(Response("mine", "1"), Response("mine", "3"))));
        await AnswerAsync("u:u1 m:mine?1f?2mine?3 u:mine!1f!2mine!3", new Part { Text = "m" });

        Assert.True((await chat.EndOfAsync(next.TurnId)).Curated);
        Assert.Equal("u:u1 m:mine?1f?2mine?3 u:f!2 u:mine!1mine!3 m:m", await chat.HistoryAsync(curated: true));
        await chat.SendAsync("u2");
        Assert.Equal("u:u1 m:mine?1f?2mine?3 u:mine!1f!2mine!3 m:m u:u2", (await _world.Model.NextCallAsync()).Sent);
    }

    [Fact]
    public async Task Tool_Fails_ModelGetsItsMessage()
    {
        var (chat, turn) = await CallFAsync();
        (await _f.NextCallAsync()).Answer.SetException(new InvalidOperationException("No such city."));

        Assert.Equal("""{ "error": "No such city." }""", await ResponseAsync(chat, turn));
    }

    [Fact]
    public async Task Tool_DoesNotAnswerInTime_ModelIsTold()
    {
        var chat = await _world.NewChatAsync();
        var turn = await SendAsync(chat, "u1", "g");
        await AnswerAsync("u:u1", Call("g"));
        var call = await _g.NextCallAsync();

        _world.Time.Advance(TimeSpan.FromSeconds(9));

        Assert.Equal("""{ "error": "Tool timed out after 9 s." }""", await ResponseAsync(chat, turn));
        Assert.True(call.Stop.IsCancellationRequested);
    }

    [Fact]
    public async Task Tool_ReturnsWhatCouldNotBeReadAgain_ModelIsTold()
    {
        var (chat, turn) = await CallFAsync();
        var result = new Struct();
        for (var i = 0; i < 40; i++)
        {
            result = new Struct { Fields = { ["x"] = Value.ForStruct(result) } };
        }

        (await _f.NextCallAsync()).Answer.SetResult(result);

        Assert.Equal("""{ "error": "The tool result is nested too deeply." }""", await ResponseAsync(chat, turn));
    }

    [Fact]
    public async Task Tool_ReturnsTooMuch_TurnFails()
    {
        var world = new ChatWorld(new ChatsOptions { MaxResponseBytes = 2000 });
        world.Tools.AddRange(_world.Tools);
        var chat = await world.NewChatAsync();
        var turn = await SendAsync(chat, "u1", "f");
        var call = await world.Model.NextCallAsync();
        call.Say(Parts("STOP", Call("f")));
        call.End();

        (await _f.NextCallAsync()).Return(new string('x', 3000));

        Assert.Equal("RESPONSE_TOO_LARGE", (await chat.EndOfAsync(turn.TurnId)).Error.Reason);
        Assert.Equal(1, world.Model.Calls);
    }

    [Fact]
    public async Task Turn_CancelledWhileAToolRuns_StopsIt()
    {
        var (chat, turn) = await CallFAsync();
        var call = await _f.NextCallAsync();

        var ended = await chat.CancelAsync(turn.TurnId);

        Assert.Equal((Turn.Types.State.Cancelled, false), (ended.State, ended.Curated));
        Assert.True(call.Stop.IsCancellationRequested);
        Assert.Equal("u:u1 m:f?", await chat.HistoryAsync());
        Assert.Empty(await ProgressAsync());
    }

    [Fact]
    public async Task Turn_ModelFailsBetweenTools_IsNotCurated()
    {
        var (chat, turn) = await CallFAsync();
        (await _f.NextCallAsync()).Return("ok");
        (await _world.Model.NextCallAsync()).Fail(new Models.ModelException(Google.Rpc.Code.Unavailable, "MODEL_UNAVAILABLE", "Gone."));

        Assert.Equal(Turn.Types.State.Failed, (await chat.EndOfAsync(turn.TurnId)).State);
        Assert.Equal("u:u1 m:f? u:f! m", await chat.HistoryAsync());
        Assert.Equal("", await chat.HistoryAsync(curated: true));
        await chat.SendAsync("u2");
        Assert.Equal("u:u2", (await _world.Model.NextCallAsync()).Sent);
    }

    private static Task<AcceptedTurn> SendAsync(TestSession chat, string text, params string[] tools) =>
        chat.SendAsync(new SendMessageRequest { Text = text, Config = TestTool.AskFor(tools) });

    private async Task<(TestSession Chat, AcceptedTurn Turn)> CallFAsync()
    {
        var chat = await _world.NewChatAsync();
        var turn = await SendAsync(chat, "u1", "f");
        await AnswerAsync("u:u1", Call("f"));
        return (chat, turn);
    }

    private async Task<ScriptedCall> AnswerAsync(string sent, params Part[] parts)
    {
        var call = await _world.Model.NextCallAsync();
        Assert.Equal(sent, call.Sent);
        call.Say(Parts("STOP", parts));
        call.End();
        return call;
    }

    // What the model is sent of the last call; the turn then ends.
    private async Task<string> ResponseAsync(TestSession chat, AcceptedTurn turn)
    {
        var call = await _world.Model.NextCallAsync();
        call.Finish("m");
        Assert.True((await chat.EndOfAsync(turn.TurnId)).Curated);
        return call.Request.Contents[^1].Parts[0].FunctionResponse.Response.ToString();
    }

    private Task<IReadOnlyList<GenAI.Chats.Engine.Storage.Records.TurnProgress>> ProgressAsync() =>
        _world.Store.ReadProgressAsync(ChatWorld.Key, 1, CancellationToken.None);
}
