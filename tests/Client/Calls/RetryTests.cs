using GenAI.Chats.Client.Tests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using static GenAI.Chats.Client.Tests.Support.Answers;

namespace GenAI.Chats.Client.Tests.Calls;

/// <summary>Retries and backoff.</summary>
public sealed class RetryTests
{
    private static readonly SendMessageResponse Answered = new()
    {
        Response = Events.Chunk("STOP", new Part { Text = "hi" }),
        Turn = Events.Turn(1, Turn.Types.State.Completed),
    };

    [Fact]
    public async Task SendMessage_ServiceIsUnavailable_RetriesWithTheRequestId()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Drop(), Fail(StatusCode.Unavailable), Fail(StatusCode.Unavailable, "CHAT_MOVED"), Reply(Answered));

        var answer = await server.Chat().SendMessageAsync("hello");

        Assert.Equal("hi", answer.Text);
        var requests = server.Chats.Requests.Cast<SendMessageRequest>().ToList();
        Assert.Equal(4, requests.Count);
        Assert.NotEmpty(Assert.Single(requests.Select(r => r.RequestId).Distinct()));
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument, "INVALID_FIELD")]
    [InlineData(StatusCode.NotFound, "CHAT_NOT_FOUND")]
    [InlineData(StatusCode.FailedPrecondition, "CHAT_BUSY")]
    [InlineData(StatusCode.ResourceExhausted, "HISTORY_FULL")]
    [InlineData(StatusCode.Internal, "INTERNAL")]
    [InlineData(StatusCode.DeadlineExceeded, "MODEL_TIMEOUT")]
    [InlineData(StatusCode.Unimplemented, null)]
    [InlineData(StatusCode.Unauthenticated, null)]
    public async Task SendMessage_ServiceRejects_ThrowsAtOnceWithStatusAndReason(StatusCode code, string? reason)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Fail(code, reason));

        var failure = await Assert.ThrowsAsync<ChatException>(() => server.Chat().SendMessageAsync("hello", new SendOptions { RequestId = "r" }));

        Assert.Equal((code, reason, "scripted", "r"), (failure.Status, failure.Reason, failure.Message, failure.RequestId));
        Assert.Single(server.Chats.Methods);
    }

    [Fact]
    public async Task SendMessage_OtherRevision_ThrowsWithTheCurrentOne()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Fail(StatusCode.Aborted, "REVISION_MISMATCH", null, ("revision", "7")));

        var failure = await Assert.ThrowsAsync<RevisionMismatchException>(
            () => server.Chat().SendMessageAsync("hello", new SendOptions { ExpectedRevision = 6 }));

        Assert.Equal(7, failure.CurrentRevision);
        Assert.Equal(6, Assert.IsType<SendMessageRequest>(Assert.Single(server.Chats.Requests)).ExpectedRevision);
    }

    [Theory]
    [InlineData(StatusCode.ResourceExhausted, "QUEUE_FULL")]
    [InlineData(StatusCode.Unavailable, "STORE_UNAVAILABLE")]
    public async Task SendMessage_ServiceAsksForADelay_RetriesAfterIt(StatusCode code, string reason)
    {
        var time = new ManualTimeProvider();
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Fail(code, reason, TimeSpan.FromSeconds(30)), Reply(Answered));

        var sending = server.Chat(time: time).SendMessageAsync("hello");
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(31));
        time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.Single(server.Chats.Methods);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("hi", (await sending).Text);
        Assert.Equal(2, server.Chats.Methods.Count());
    }

    [Fact]
    public async Task SendMessage_DelayExceedsTheTimeout_ThrowsWithTheDelay()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Fail(StatusCode.ResourceExhausted, "MODEL_QUOTA_EXCEEDED", TimeSpan.FromHours(1), ("turn_id", "t")));

        var failure = await Assert.ThrowsAsync<TurnException>(() => server.Chat().SendMessageAsync("hello"));

        Assert.Equal((TimeSpan.FromHours(1), "MODEL_QUOTA_EXCEEDED", "t"), (failure.RetryDelay, failure.Reason, failure.TurnId));
    }

    [Fact]
    public async Task SendMessage_ServiceStaysUnavailable_ThrowsAfterTheTimeout()
    {
        var time = new ManualTimeProvider();
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Otherwise = Fail(StatusCode.Unavailable);
        var options = new ChatsClientOptions { RetryTimeout = TimeSpan.FromSeconds(10) };
        var sending = server.Chat(options, time).SendMessageAsync("hello");
        while (!sending.IsCompleted)
        {
            await Task.WhenAny(sending, time.WaitForTimerAsync(options.MaxBackoff));
            time.Advance(options.MaxBackoff);
        }

        var failure = await Assert.ThrowsAsync<ChatException>(() => sending);

        // Pauses of 0.1 s, 0.2 s, 0.4 s ... 3.2 s, 5 s, each less up to half of it.
        Assert.Equal((StatusCode.Unavailable, null), (failure.Status, failure.Reason));
        Assert.InRange(server.Chats.Methods.Count(), 7, 9);
    }

    [Fact]
    public async Task SendMessage_NoRetries_ThrowsAtOnce()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Fail(StatusCode.Unavailable), Reply(Answered));

        await Assert.ThrowsAsync<ChatException>(
            () => server.Chat(new ChatsClientOptions { RetryTimeout = TimeSpan.Zero }).SendMessageAsync("hello"));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task SendMessage_ModelIsOverloaded_RetriesTheTurnAFewTimes(int failures, bool succeeds)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue([.. Enumerable.Repeat(Fail(StatusCode.Unavailable, "MODEL_UNAVAILABLE", null, ("turn_id", "t")), failures), Reply(Answered)]);

        var sending = server.Chat().SendMessageAsync("hello");

        if (succeeds)
        {
            Assert.Equal("hi", (await sending).Text);
        }
        else
        {
            Assert.Equal("t", (await Assert.ThrowsAsync<TurnException>(() => sending)).TurnId);
        }
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public async Task SendMessageStream_ModelIsOverloaded_RetriesTheTurnAFewTimes(int failures, bool succeeds)
    {
        await using var server = await ScriptedServer.StartAsync();
        var error = new Turn.Types.Error { Code = (int)StatusCode.Unavailable, Reason = "MODEL_UNAVAILABLE", Message = "busy" };
        server.Chats.Enqueue([.. Enumerable.Repeat(Stream(Events.Failure(1, error)), failures), Stream(Events.Attempt(1, "hi"))]);

        var sending = server.Chat().SendMessageStreamAsync("hello").ToListAsync();

        if (succeeds)
        {
            Assert.Equal("hi", Assert.Single(await sending).Text);
        }
        else
        {
            var failure = await Assert.ThrowsAsync<TurnException>(async () => await sending);
            Assert.Equal(("MODEL_UNAVAILABLE", "busy", Turn.Types.State.Failed), (failure.Reason, failure.Message, failure.Turn!.State));
        }
    }

    [Fact]
    public async Task SendMessageStream_FailsAfterSomeText_ThrowsAfterIt()
    {
        await using var server = await ScriptedServer.StartAsync();
        var error = new Turn.Types.Error { Code = (int)StatusCode.Unavailable, Reason = "MODEL_UNAVAILABLE", Message = "busy" };
        server.Chats.Enqueue(Stream(Events.Failure(1, error, "one ", "two ")));
        var seen = new List<string?>();

        var failure = await Assert.ThrowsAsync<TurnException>(async () =>
        {
            await foreach (var chunk in server.Chat().SendMessageStreamAsync("hello"))
            {
                seen.Add(chunk.Text);
            }
        });

        Assert.Equal(["one ", "two "], seen);
        Assert.Equal(Events.TurnId, failure.TurnId);
        Assert.Single(server.Chats.Methods);
    }

    [Fact]
    public async Task Delete_ReplyIsLost_RetriesWithTheRequestId()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Drop(), Reply(new Empty()));

        await server.Chat().DeleteAsync();

        var requests = server.Chats.Requests.Cast<DeleteChatRequest>().ToList();
        Assert.NotEmpty(requests[0].RequestId);
        Assert.Equal(requests[0], requests[1]);
    }

    [Fact]
    public async Task Delete_WithARequestId_SendsItAndReportsIt()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Fail(StatusCode.NotFound, "CHAT_NOT_FOUND"));

        var failure = await Assert.ThrowsAsync<ChatException>(() => server.Chat().DeleteAsync(requestId: "r"));

        Assert.Equal("r", failure.RequestId);
        Assert.Equal(new DeleteChatRequest { Name = "chats/c", RequestId = "r" }, Assert.Single(server.Chats.Requests));
    }

    [Fact]
    public async Task Create_ReplyIsLost_RetriesWithTheRequestId()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Drop(), Reply(new V1.Chat { Name = "chats/made" }));

        var chat = await server.Client().CreateAsync("echo");

        Assert.Equal("made", chat.Id);
        Assert.NotEmpty(Assert.Single(server.Chats.Requests.Cast<CreateChatRequest>().Select(r => r.RequestId).Distinct()));
    }
}
