using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Rpc;
using static GenAI.Chats.TestKit.Chats.Messages;

namespace GenAI.Chats.Engine.Tests.Sessions;

/// <summary>Rewinding, editing, and regenerating: the turns form a tree, and the history is the path to the head.</summary>
public sealed class BranchTests
{
    private readonly ChatWorld _world = new();

    [Fact]
    public async Task RewindAsync_ToATurn_MovesTheHeadInOneCommit()
    {
        var chat = await NewChatAsync(3);
        var commits = new List<string>();
        _world.Store.Around = (name, call) =>
        {
            commits.Add(name);
            return call();
        };

        var rewound = await chat.RewindAsync(1);

        Assert.Equal(["AcceptStep"], commits.Where(name => name.EndsWith("Step", StringComparison.Ordinal)));
        Assert.Equal((4L, 1L, 1L), (rewound.Revision, rewound.HeadRevision, rewound.TurnCount));
        Assert.Equal("u:h0 m:h1 u:u1 m:m1", await chat.HistoryAsync());
        Assert.Equal("u:h0 m:h1 u:u1 m:m1", await chat.HistoryAsync(curated: true));
        await TurnAsync(chat, Send("u4"), "u:h0 m:h1 u:u1 m:m1 u:u4", "m4");
        Assert.Equal("u:h0 m:h1 u:u1 m:m1 u:u4 m:m4", await chat.HistoryAsync());
        var now = await chat.GetAsync();
        Assert.Equal((5L, 5L, 2L), (now.Revision, now.HeadRevision, now.TurnCount));
    }

    [Fact]
    public async Task RewindAsync_Undo_GoesBackToTheOtherBranch()
    {
        var chat = await NewChatAsync(3);
        await chat.RewindAsync(0);
        Assert.Equal("u:h0 m:h1", await chat.HistoryAsync());
        await TurnAsync(chat, Send("u4"), "u:h0 m:h1 u:u4", "m4");

        var back = await chat.RewindAsync(3);

        Assert.Equal((6L, 3L, 3L), (back.Revision, back.HeadRevision, back.TurnCount));
        Assert.Equal("u:h0 m:h1 u:u1 m:m1 u:u2 m:m2 u:u3 m:m3", await chat.HistoryAsync());
        await TurnAsync(chat, Send("u5"), "u:h0 m:h1 u:u1 m:m1 u:u2 m:m2 u:u3 m:m3 u:u5", "m5");
        Assert.Equal(5, (await chat.ListTurnsAsync(new ListTurnsRequest { AllBranches = true })).Count);
        var again = await _world.NewServer().OpenAsync();
        await TurnAsync(again, Send("u6"), "u:h0 m:h1 u:u1 m:m1 u:u2 m:m2 u:u3 m:m3 u:u5 m:m5 u:u6", "m6");
    }

    [Fact]
    public async Task RewindAsync_SameRequestAgain_DropsNothingOfTheSendBetween()
    {
        var chat = await NewChatAsync(2);
        await chat.RewindAsync(1, "rewind");
        await TurnAsync(chat, Send("u3"), "u:h0 m:h1 u:u1 m:m1 u:u3", "m3");

        var again = await chat.RewindAsync(1, "rewind");

        Assert.Equal((4L, 4L), (again.Revision, again.HeadRevision));
        Assert.Equal("u:h0 m:h1 u:u1 m:m1 u:u3 m:m3", await chat.HistoryAsync());
        var reused = await Assert.ThrowsAsync<ChatException>(() => chat.RewindAsync(2, "rewind"));
        Assert.Equal("REQUEST_ID_REUSED", reused.Reason);
        Assert.Equal("REQUEST_ID_REUSED", (await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync("u", "rewind"))).Reason);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(3)]
    public async Task RewindAsync_NoSuchTurn_NotFound(long revision)
    {
        var chat = await NewChatAsync(2);
        await chat.RewindAsync(1);

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.RewindAsync(revision));

        Assert.Equal((Code.NotFound, "REVISION_NOT_FOUND", "revision"), (failure.Code, failure.Reason, failure.Field));
    }

    [Fact]
    public async Task RewindAsync_AnotherRevisionExpected_Aborted()
    {
        var chat = await NewChatAsync(2);

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.RewindAsync(new RewindChatRequest { Revision = 1, ExpectedRevision = 1 }));

        Assert.Equal((Code.Aborted, "REVISION_MISMATCH"), (failure.Code, failure.Reason));
    }

    [Fact]
    public async Task RewindAsync_TurnRuns_BusyUnlessItIsStopped()
    {
        var chat = await NewChatAsync(2);
        var running = await chat.SendAsync("u3");
        var call = await _world.Model.NextCallAsync();
        call.Say("part");
        var queued = await chat.SendAsync("u4");

        Assert.Equal("CHAT_BUSY", (await Assert.ThrowsAsync<ChatException>(() => chat.RewindAsync(1))).Reason);
        var rewound = await chat.RewindAsync(1, onBusy: BusyPolicy.Interrupt);

        Assert.Equal(Turn.Types.State.Cancelled, (await chat.GetTurnAsync(running.TurnId)).State);
        Assert.Equal(Turn.Types.State.Cancelled, (await chat.GetTurnAsync(queued.TurnId)).State);
        Assert.Equal((1L, "u:h0 m:h1 u:u1 m:m1"), (rewound.HeadRevision, await chat.HistoryAsync()));
        var partial = await chat.GetTurnAsync(running.TurnId);
        Assert.Equal((3L, false), (partial.Revision, partial.InHistory));
    }

    [Fact]
    public async Task RewindAsync_Rollback_KeepsNothingOfTheRunningTurn()
    {
        var chat = await NewChatAsync(2);
        var running = await chat.SendAsync("u3");
        (await _world.Model.NextCallAsync()).Say("part");

        await chat.RewindAsync(1, onBusy: BusyPolicy.Rollback);

        Assert.Equal(0, (await chat.GetTurnAsync(running.TurnId)).Revision);
    }

    [Fact]
    public async Task Edit_Completes_BecomesTheHead()
    {
        var chat = await NewChatAsync(3);

        var edit = await TurnAsync(chat, Edit(1, "e2"), "u:h0 m:h1 u:u1 m:m1 u:e2", "n2");

        Assert.Equal((4L, 4L), (edit.Revision, (await chat.GetAsync()).HeadRevision));
        Assert.Equal("u:h0 m:h1 u:u1 m:m1 u:e2 m:n2", await chat.HistoryAsync());
        await TurnAsync(chat, Send("u5"), "u:h0 m:h1 u:u1 m:m1 u:e2 m:n2 u:u5", "m5");
        Assert.Equal("u:h0 m:h1 u:u1 m:m1 u:u2 m:m2 u:u3 m:m3", await chat.HistoryAsync(new GetHistoryRequest { Revision = 3 }));
        Assert.Equal([1L, 4, 5], (await chat.ListTurnsAsync(new ListTurnsRequest())).Select(turn => turn.Revision));
        Assert.Equal([5L, 4, 1], (await chat.ListTurnsAsync(new ListTurnsRequest { NewestFirst = true })).Select(turn => turn.Revision));
        Assert.Equal([1L, 2, 3], (await chat.ListTurnsAsync(new ListTurnsRequest { Revision = 3 })).Select(turn => turn.Revision));
        var all = await chat.ListTurnsAsync(new ListTurnsRequest { AllBranches = true, View = TurnView.Full });
        Assert.Equal([(1L, 0L, true), (2, 1, false), (3, 2, false), (4, 1, true), (5, 4, true)], all.Select(turn => (turn.Revision, turn.ParentRevision, turn.InHistory)));
        Assert.Equal("u:u1 u:u2 u:u3 u:e2 u:u5", Line(all.Select(turn => turn.Message)));
        Assert.Equal("m:m1 m:m2 m:m3 m:n2 m:m5", Line(all.SelectMany(turn => turn.Output)));
    }

    [Theory]
    [InlineData("fails")]
    [InlineData("is canceled")]
    [InlineData("is interrupted")]
    public async Task Edit_DoesNotComplete_LeavesTheHistory(string end)
    {
        var chat = await NewChatAsync(3);
        var before = await chat.GetAsync();
        var edit = await chat.SendAsync(Edit(1, "e2", "edit"));
        var call = await _world.Model.NextCallAsync();
        call.Say("part");
        switch (end)
        {
            case "fails":
                call.Fail(new InvalidOperationException());
                break;
            case "is canceled":
                await chat.CancelAsync(edit.TurnId);
                break;
            default:
                await chat.RewindAsync(3, onBusy: BusyPolicy.Interrupt);
                break;
        }

        Assert.Equal(0, (await chat.EndOfAsync(edit.TurnId)).Revision);
        Assert.Equal("u:h0 m:h1 u:u1 m:m1 u:u2 m:m2 u:u3 m:m3", await chat.HistoryAsync());
        Assert.Equal(before.TurnCount, (await chat.GetAsync()).TurnCount);
        Assert.Equal(3, (await chat.GetAsync()).HeadRevision);
        await TurnAsync(chat, Edit(1, "e2", "again"), "u:h0 m:h1 u:u1 m:m1 u:e2", "n2");
        Assert.Equal("u:h0 m:h1 u:u1 m:m1 u:e2 m:n2", await chat.HistoryAsync());
    }

    [Fact]
    public async Task ListTurns_IncludeUnrecorded_HasTurnsThatLeftNothingAndNeitherMovesNorPendingTurns()
    {
        var request = new ListTurnsRequest { AllBranches = true, IncludeUnrecorded = true };
        var chat = await NewChatAsync(2);
        await chat.RewindAsync(1);
        var failed = await chat.SendAsync("u3");
        (await _world.Model.NextCallAsync()).Fail(new InvalidOperationException());
        await chat.EndOfAsync(failed.TurnId);
        await chat.RewindAsync(2);
        var running = await chat.SendAsync("u4");
        var call = await _world.Model.NextCallAsync();

        Assert.Equal([1L, 2, 0], (await chat.ListTurnsAsync(request)).Select(turn => turn.Revision));
        Assert.Equal([1L, 2], (await chat.ListTurnsAsync(new ListTurnsRequest { AllBranches = true })).Select(turn => turn.Revision));
        request.NewestFirst = true;
        request.PageSize = 1;
        request.View = TurnView.Full;
        var last = (await chat.ListTurnsAsync(request))[0];
        Assert.Equal((failed.TurnId, Turn.Types.State.Failed), (last.TurnId, last.State));

        call.Finish("m4");
        await chat.EndOfAsync(running.TurnId);
        Assert.Equal([running.TurnId, failed.TurnId], (await chat.ListTurnsAsync(request)).Take(2).Select(turn => turn.TurnId));
    }

    [Fact]
    public async Task Regenerate_AnyTurn_SendsItsMessageAgain()
    {
        var chat = await NewChatAsync(3);
        var second = (await chat.ListTurnsAsync(new ListTurnsRequest())).Single(turn => turn.Revision == 2);

        var again = await TurnAsync(
            chat, new SendMessageRequest { RegenerateTurnId = second.TurnId, Model = ScriptedModel.OtherName, RequestId = "again" }, "u:h0 m:h1 u:u1 m:m1 u:u2", "n2");

        Assert.Equal("u:h0 m:h1 u:u1 m:m1 u:u2 m:n2", await chat.HistoryAsync());
        var turn = await chat.GetTurnAsync(again.TurnId);
        Assert.Equal((4L, 1L, true, ScriptedModel.OtherName, "u:u2"), (turn.Revision, turn.ParentRevision, turn.InHistory, turn.Model, Line([turn.Message])));
        var retry = await chat.SendAsync(new SendMessageRequest { RegenerateTurnId = second.TurnId, Model = ScriptedModel.OtherName, RequestId = "again" });
        Assert.Equal(again.TurnId, retry.TurnId);
    }

    [Fact]
    public async Task GetTurn_TurnIsPending_HasItsParentAndItsModel()
    {
        var chat = await NewChatAsync(2);

        var running = await chat.SendAsync("u3");
        var queued = await chat.SendAsync("u4");
        var request = Edit(1, "e2");
        request.Model = ScriptedModel.OtherName;
        var edit = await chat.SendAsync(request);

        var turns = await Task.WhenAll(new[] { running, queued, edit }.Select(turn => chat.GetTurnAsync(turn.TurnId)));
        Assert.Equal(
            [(2L, ScriptedModel.Name), (2, ScriptedModel.Name), (1, ScriptedModel.OtherName)], turns.Select(turn => (turn.ParentRevision, turn.Model)));
        Assert.All(turns, turn => Assert.Null(turn.Message));
    }

    [Fact]
    public async Task Edit_TwoAtOnce_BothBranchesExist()
    {
        var chat = await NewChatAsync(2);
        var first = await chat.SendAsync(Edit(1, "a"));
        var second = await chat.SendAsync(Edit(1, "b"));
        var expecting = Edit(1, "c");
        expecting.ExpectedRevision = 2;
        var third = await chat.SendAsync(expecting);

        (await _world.Model.NextCallAsync()).Finish("ma");
        (await _world.Model.NextCallAsync()).Finish("mb");

        Assert.Equal(3, (await chat.EndOfAsync(first.TurnId)).Revision);
        Assert.Equal(4, (await chat.EndOfAsync(second.TurnId)).Revision);
        Assert.Equal("REVISION_MISMATCH", (await chat.EndOfAsync(third.TurnId)).Error.Reason);
        Assert.Equal("u:h0 m:h1 u:u1 m:m1 u:b m:mb", await chat.HistoryAsync());
        Assert.Equal("u:h0 m:h1 u:u1 m:m1 u:a m:ma", await chat.HistoryAsync(new GetHistoryRequest { Revision = 3 }));
    }

    [Fact]
    public async Task SendAsync_RequestIdOfATurnOnAnotherBranch_ReturnsThatTurn()
    {
        var chat = await NewChatAsync(2);
        await chat.RewindAsync(0);

        var retry = await chat.SendAsync(Send("u2", "request-2"));

        Assert.Equal(2, (await chat.EndOfAsync(retry.TurnId)).Revision);
        Assert.Equal(2, _world.Model.Calls);
    }

    [Fact]
    public async Task RewindAsync_IntoAnExchange_OpensItAgain()
    {
        var chat = await _world.NewChatAsync();
        var request = new SendMessageRequest { Message = User("u1") };
        var first = await chat.SendAsync(request);
        var call = await _world.Model.NextCallAsync();
        call.Say(Parts("STOP", Call("f")));
        call.End();
        await chat.EndOfAsync(first.TurnId);
        await TurnAsync(chat, Send(User(Response("f"))), "u:u1 m:f? u:f!", "done");
        Assert.Equal("u:u1 m:f? u:f! m:done", await chat.HistoryAsync(curated: true));

        await chat.RewindAsync(1);

        Assert.Equal("u:u1 m:f?", await chat.HistoryAsync());
        Assert.Equal("", await chat.HistoryAsync(curated: true));
        Assert.False((await chat.GetTurnAsync(first.TurnId)).Curated);
        await TurnAsync(chat, Send(User(Response("f"))), "u:u1 m:f? u:f!", "otherwise");
        Assert.Equal("u:u1 m:f? u:f! m:otherwise", await chat.HistoryAsync(curated: true));
        await chat.RewindAsync(1);
        await TurnAsync(chat, Send("dropped"), "u:dropped", "d");
        Assert.Equal("u:dropped m:d", await chat.HistoryAsync(curated: true));
        Assert.False((await chat.GetTurnAsync(first.TurnId)).Curated);
        var fresh = await _world.NewServer().OpenAsync();
        await TurnAsync(fresh, Send("next"), "u:dropped m:d u:next", "n");
    }

    [Fact]
    public async Task RewindAsync_Erase_DeletesTheOtherTurns()
    {
        var chat = await NewChatAsync(3);
        await TurnAsync(chat, Edit(1, "e2"), "u:h0 m:h1 u:u1 m:m1 u:e2", "n2");
        var third = (await chat.ListTurnsAsync(new ListTurnsRequest { Revision = 3 }))[^1];

        var rewound = await chat.RewindAsync(1, erase: true);

        Assert.Equal((5L, 1L), (rewound.Revision, rewound.HeadRevision));
        Assert.Equal([1L], (await chat.ListTurnsAsync(new ListTurnsRequest { AllBranches = true })).Select(turn => turn.Revision));
        Assert.Equal("TURN_NOT_FOUND", (await Assert.ThrowsAsync<ChatException>(() => chat.GetTurnAsync(third.TurnId))).Reason);
        Assert.Equal("REVISION_NOT_FOUND", (await Assert.ThrowsAsync<ChatException>(() => chat.RewindAsync(3))).Reason);
        var erased = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync(Send("u3", "request-3")));
        Assert.Equal((Code.FailedPrecondition, "TURN_ERASED"), (erased.Code, erased.Reason));
        await TurnAsync(chat, Send("u6"), "u:h0 m:h1 u:u1 m:m1 u:u6", "m6");
        await TurnAsync(await _world.NewServer().OpenAsync(), Send("u7"), "u:h0 m:h1 u:u1 m:m1 u:u6 m:m6 u:u7", "m7");
    }

    [Fact]
    public async Task SendAsync_TooManyBranches_Exhausted()
    {
        var world = new ChatWorld(new ChatsOptions { MaxBranches = 2 });
        var chat = await world.NewChatAsync();
        world.Model.Answer = _ => [Chunk("m", "STOP")];
        await chat.EndOfAsync((await chat.SendAsync("u1")).TurnId);
        await chat.EndOfAsync((await chat.SendAsync(Edit(0, "e1"))).TurnId);

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync(Edit(0, "e2")));

        Assert.Equal((Code.ResourceExhausted, "TOO_MANY_BRANCHES"), (failure.Code, failure.Reason));
        await chat.EndOfAsync((await chat.SendAsync("u3")).TurnId);
        Assert.Equal("u:e1 m:m u:u3 m:m", await chat.HistoryAsync());
    }

    [Theory]
    [InlineData(9)]
    [InlineData(3)]
    public async Task Edit_NoSuchTurn_NotFound(long after)
    {
        var chat = await NewChatAsync(2);
        await chat.RewindAsync(1);

        var failure = await Assert.ThrowsAsync<ChatException>(() => chat.SendAsync(Edit(after, "e")));

        Assert.Equal((Code.NotFound, "REVISION_NOT_FOUND", "after_revision"), (failure.Code, failure.Reason, failure.Field));
    }

    [Fact]
    public async Task Fork_AtATurn_HasItsHistoryAndOutlivesTheSource()
    {
        var server = _world.NewServer();
        var chat = await NewChatAsync(3, server);
        await TurnAsync(chat, Edit(2, "e3"), "u:h0 m:h1 u:u1 m:m1 u:u2 m:m2 u:e3", "n3");
        var fork = await server.OpenAsync("fork");

        var forked = await fork.ForkAsync(new ForkChatRequest { Name = "chats/chat", ChatId = "fork", RequestId = "fork" }, ChatWorld.Key);
        Assert.Equal(("chats/chat", 4L), (forked.ForkedFrom.Name, forked.ForkedFrom.Revision));
        Assert.Equal((4L, 4L, 3L), (forked.Revision, forked.HeadRevision, forked.TurnCount));
        await chat.DeleteAsync();

        Assert.Equal(forked, await fork.ForkAsync(new ForkChatRequest { Name = "chats/chat", ChatId = "fork", RequestId = "fork" }, ChatWorld.Key));
        Assert.Equal("u:h0 m:h1 u:u1 m:m1 u:u2 m:m2 u:e3 m:n3", await fork.HistoryAsync());
        await TurnAsync(fork, Send("u5"), "u:h0 m:h1 u:u1 m:m1 u:u2 m:m2 u:e3 m:n3 u:u5", "m5");
        Assert.Equal([1L, 2, 4, 5], (await fork.ListTurnsAsync(new ListTurnsRequest { AllBranches = true })).Select(turn => turn.Revision));
        await TurnAsync(fork, Edit(1, "e2"), "u:h0 m:h1 u:u1 m:m1 u:e2", "n2");
        await fork.RewindAsync(2);
        await TurnAsync(fork, Send("u7"), "u:h0 m:h1 u:u1 m:m1 u:u2 m:m2 u:u7", "m7");
        var first = (await fork.ListTurnsAsync(new ListTurnsRequest()))[0];
        Assert.Equal("u:u1", Line([(await fork.GetTurnAsync(first.TurnId)).Message]));

        var second = await server.OpenAsync("second");
        await second.ForkAsync(new ForkChatRequest { Name = "chats/fork", ChatId = "second", Revision = 5 }, new(ChatWorld.Tenant, "fork"));
        await fork.DeleteAsync();
        Assert.Equal("u:h0 m:h1 u:u1 m:m1 u:u2 m:m2 u:e3 m:n3 u:u5 m:m5", await second.HistoryAsync());
        await TurnAsync(second, Edit(0, "e1"), "u:h0 m:h1 u:e1", "n1");
    }

    private static SendMessageRequest Edit(long after, string text, string requestId = "")
    {
        var request = Send(text, requestId);
        request.AfterRevision = after;
        return request;
    }

    // An initial history, and turns u1, u2, ... with the revisions 1, 2, ... and the answers m1, m2, ...
    private async Task<TestSession> NewChatAsync(int turns, TestServer? server = null)
    {
        var chat = await ChatWorld.NewChatAsync(server ?? _world.NewServer(), User("h0"), Model("h1"));
        for (var i = 1; i <= turns; i++)
        {
            var turn = await chat.SendAsync(Send($"u{i}", $"request-{i}"));
            (await _world.Model.NextCallAsync()).Finish($"m{i}");
            await chat.EndOfAsync(turn.TurnId);
        }

        return chat;
    }

    private async Task<Turn> TurnAsync(TestSession chat, SendMessageRequest request, string sent, string answer)
    {
        var turn = await chat.SendAsync(request);
        var call = await _world.Model.NextCallAsync();
        Assert.Equal(sent, call.Sent);
        call.Finish(answer);
        var ended = await chat.EndOfAsync(turn.TurnId);
        Assert.Equal(Turn.Types.State.Completed, ended.State);
        return ended;
    }
}
