using GenAI.Chats.Client.Tests.Support;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using static GenAI.Chats.Client.Tests.Support.Answers;

namespace GenAI.Chats.Client.Tests.Branches;

/// <summary>Edits, rewinds, and forks: their requests, and their retries.</summary>
public sealed class BranchTests
{
    private static readonly SendMessageResponse Answered = new()
    {
        Response = Events.Chunk("STOP", new Part { Text = "hi" }),
        Turn = Events.Turn(1, Turn.Types.State.Completed),
    };

    private static readonly Turn Recorded = new() { TurnId = "t", State = Turn.Types.State.Completed, Revision = 5, ParentRevision = 3 };

    [Fact]
    public async Task Rewind_ReplyIsLost_RetriesTheSameRequest()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Drop(), Reply(new V1.Chat { Revision = 9, HeadRevision = 3 }));

        var chat = await server.Chat().RewindAsync(3);

        Assert.Equal((9, 3), (chat.Revision, chat.HeadRevision));
        var requests = server.Chats.Requests.Cast<RewindChatRequest>().ToList();
        Assert.NotEmpty(requests[0].RequestId);
        Assert.Equal(requests[0], requests[1]);
    }

    [Fact]
    public async Task Rewind_AllOptions_AreInTheRequest()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(new V1.Chat()));
        var options = new RewindOptions { ExpectedRevision = 7, OnBusy = BusyPolicy.Interrupt, Erase = true, RequestId = "r" };

        await server.Chat().RewindAsync(0, options);

        var expected = new RewindChatRequest
        {
            Name = "chats/c",
            Revision = 0,
            ExpectedRevision = 7,
            OnBusy = BusyPolicy.Interrupt,
            Erase = true,
            RequestId = "r",
        };
        Assert.Equal(expected, Assert.Single(server.Chats.Requests));
    }

    [Fact]
    public async Task Rewind_OtherRevision_ThrowsWithTheCurrentOne()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Fail(StatusCode.Aborted, "REVISION_MISMATCH", null, ("revision", "7")));

        var failure = await Assert.ThrowsAsync<RevisionMismatchException>(() => server.Chat().RewindAsync(1, new RewindOptions { ExpectedRevision = 6 }));

        Assert.Equal(7, failure.CurrentRevision);
    }

    [Fact]
    public async Task Fork_ReplyIsLost_RetriesTheSameRequestAndOpensTheFork()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Drop(), Reply(new V1.Chat { Name = "chats/made" }));

        var fork = await server.Chat().ForkAsync();

        Assert.Equal("made", fork.Id);
        var requests = server.Chats.Requests.Cast<ForkChatRequest>().ToList();
        Assert.NotEmpty(requests[0].RequestId);
        Assert.Equal(requests[0], requests[1]);
        Assert.False(requests[0].HasRevision);
    }

    [Fact]
    public async Task Fork_AllOptions_AreInTheRequest()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(new V1.Chat { Name = "chats/made" }));
        var options = new ForkOptions
        {
            ChatId = "made",
            DisplayName = "Another try",
            Labels = new Dictionary<string, string> { ["a"] = "b" },
            Model = "m",
            Config = new GenerateContentConfig { Seed = 1 },
            Ttl = TimeSpan.FromHours(1),
            RequestId = "r",
        };

        await server.Chat().ForkAsync(0, options);

        var expected = new ForkChatRequest
        {
            Name = "chats/c",
            Revision = 0,
            ChatId = "made",
            DisplayName = "Another try",
            Labels = { ["a"] = "b" },
            Model = "m",
            Config = new GenerateContentConfig { Seed = 1 },
            Ttl = new Duration { Seconds = 3600 },
            RequestId = "r",
        };
        Assert.Equal(expected, Assert.Single(server.Chats.Requests));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Edit_RecordedTurn_SendsAfterTheTurnsParent(bool streaming)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(Recorded), Drop(), streaming ? Stream(Events.Attempt(1, "hi")) : Reply(Answered));
        var options = new SendOptions { Model = "m" };

        var text = streaming
            ? string.Concat(await server.Chat().EditStreamAsync("t", "again", options).Select(c => c.Text).ToListAsync())
            : (await server.Chat().EditAsync("t", "again", options)).Text;

        Assert.Equal("hi", text);
        Assert.Equal("t", Assert.IsType<GetTurnRequest>(server.Chats.Requests[0]).TurnId);
        var sends = server.Chats.Requests.Skip(1).Cast<SendMessageRequest>().ToList();
        Assert.Equal(("again", "m", 3, true), (sends[0].Text, sends[0].Model, sends[0].AfterRevision, sends[0].HasAfterRevision));
        Assert.Equal(sends[0], sends[1]);
    }

    [Fact]
    public async Task EditStream_EnumeratedTwice_IsTheSameTurn()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(Recorded), Stream(Events.Attempt(1, "hi")), Reply(Recorded), Stream(Events.Attempt(1, "hi")));
        var stream = server.Chat().EditStreamAsync("t", "again");

        Assert.Equal(await stream.Select(c => c.Text).ToListAsync(), await stream.Select(c => c.Text).ToListAsync());
        Assert.Single(server.Chats.Requests.OfType<SendMessageRequest>().Select(r => r.RequestId).Distinct());
    }

    [Fact]
    public async Task Edit_TurnIsNotRecorded_ThrowsAndSendsNothing()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(new Turn { TurnId = "t", State = Turn.Types.State.Running }));

        var failure = await Assert.ThrowsAsync<ChatException>(() => server.Chat().EditAsync("t", "again"));

        Assert.Equal(StatusCode.FailedPrecondition, failure.Status);
        Assert.Equal(["GetTurn"], server.Chats.Methods);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Regenerate_ReplyIsLost_RetriesTheSameRequest(bool streaming)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Drop(), streaming ? Stream(Events.Attempt(1, "hi")) : Reply(Answered));
        var options = new SendOptions { Model = "m", ExpectedRevision = 7 };

        var text = streaming
            ? string.Concat(await server.Chat().RegenerateStreamAsync("t", options).Select(c => c.Text).ToListAsync())
            : (await server.Chat().RegenerateAsync("t", options)).Text;

        Assert.Equal("hi", text);
        var sends = server.Chats.Requests.Cast<SendMessageRequest>().ToList();
        Assert.Equal((SendMessageRequest.InputOneofCase.RegenerateTurnId, "t", "m", 7), (sends[0].InputCase, sends[0].RegenerateTurnId, sends[0].Model, sends[0].ExpectedRevision));
        Assert.NotEmpty(sends[0].RequestId);
        Assert.Equal(sends[0], sends[1]);
    }

    [Fact]
    public async Task Regenerate_CanceledWithItsTurn_CancelsTheTurn()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Stream(Events.Attempt(1, "one ", "two "), 2, HangAsync), Reply(Events.Turn(1, Turn.Types.State.Cancelled)));

        await foreach (var _ in server.Chat().RegenerateStreamAsync("t", new SendOptions { CancelTurn = true }))
        {
            break;
        }

        Assert.Equal(["SendMessageStream", "CancelTurn"], server.Chats.Methods);
        Assert.Equal(Events.TurnId, Assert.IsType<CancelTurnRequest>(server.Chats.Requests[1]).TurnId);
    }

    [Theory]
    [InlineData("REVISION_NOT_FOUND", StatusCode.NotFound)]
    [InlineData("TURN_ERASED", StatusCode.FailedPrecondition)]
    [InlineData("TOO_MANY_BRANCHES", StatusCode.ResourceExhausted)]
    public async Task Regenerate_ServiceRejects_ThrowsAtOnceWithTheReason(string reason, StatusCode code)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Fail(code, reason));

        var failure = await Assert.ThrowsAsync<ChatException>(() => server.Chat().RegenerateAsync("t"));

        Assert.Equal((code, reason), (failure.Status, failure.Reason));
        Assert.Single(server.Chats.Methods);
    }

    [Fact]
    public async Task ListTurns_SeveralPages_ReturnsAll()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(
            Reply(new ListTurnsResponse { Turns = { new Turn { Revision = 2 } }, NextPageToken = "2" }),
            Drop(),
            Reply(new ListTurnsResponse { Turns = { new Turn { Revision = 1 } } }));
        var options = new ListTurnsOptions { View = TurnView.Full, NewestFirst = true, Revision = 2, PageSize = 1 };

        var turns = await server.Chat().ListTurnsAsync(options).Select(t => t.Revision).ToListAsync();

        Assert.Equal([2, 1], turns);
        var expected = new ListTurnsRequest { Name = "chats/c", View = TurnView.Full, NewestFirst = true, Revision = 2, PageSize = 1, PageToken = "2" };
        Assert.Equal(expected, server.Chats.Requests[^1]);
        Assert.Equal(["", "2", "2"], server.Chats.Requests.Cast<ListTurnsRequest>().Select(r => r.PageToken));
    }

    [Fact]
    public async Task ListTurns_AllBranchesAndUnrecorded_AsksForThem()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(new ListTurnsResponse()));

        Assert.Empty(await server.Chat().ListTurnsAsync(new ListTurnsOptions { AllBranches = true, IncludeUnrecorded = true }).ToListAsync());

        Assert.Equal(new ListTurnsRequest { Name = "chats/c", AllBranches = true, IncludeUnrecorded = true }, Assert.Single(server.Chats.Requests));
    }

    [Fact]
    public async Task Synchronous_Calls_AreTheSame()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(
            Reply(new V1.Chat { HeadRevision = 1 }),
            Reply(new V1.Chat { Name = "chats/made" }),
            Reply(Recorded),
            Reply(Answered),
            Reply(Recorded),
            Stream(Events.Attempt(1, "hi")),
            Reply(Answered),
            Stream(Events.Attempt(1, "hi")),
            Reply(new ListTurnsResponse { Turns = { Recorded } }));
        var chat = server.Chat();

        await Task.Run(() =>
        {
            Assert.Equal(1, chat.Rewind(1).HeadRevision);
            Assert.Equal("made", chat.Fork(1).Id);
            Assert.Equal("hi", chat.Edit("t", "again").Text);
            Assert.Equal("hi", Assert.Single(chat.EditStream("t", "again")).Text);
            Assert.Equal("hi", chat.Regenerate("t").Text);
            Assert.Equal("hi", Assert.Single(chat.RegenerateStream("t")).Text);
            Assert.Equal(Recorded, Assert.Single(chat.ListTurns()));
        });
    }
}
