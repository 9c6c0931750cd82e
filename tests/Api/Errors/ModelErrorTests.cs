using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Errors;

/// <summary>What becomes of a model's errors: status, details, the turn, and the history.</summary>
public sealed class ModelErrorTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["429 with a delay"] = new(
            Error(429, "RESOURCE_EXHAUSTED", "53.5s"), StatusCode.ResourceExhausted, "MODEL_QUOTA_EXCEEDED", TimeSpan.FromSeconds(53.5)),
        ["429 without"] = new(Error(429, "RESOURCE_EXHAUSTED"), StatusCode.ResourceExhausted, "MODEL_QUOTA_EXCEEDED"),
        ["400"] = new(Error(400, "INVALID_ARGUMENT"), StatusCode.InvalidArgument, "MODEL_INVALID_REQUEST"),
        ["401"] = new(Error(401, "UNAUTHENTICATED"), StatusCode.FailedPrecondition, "MODEL_CREDENTIALS"),
        ["403"] = new(Error(403, "PERMISSION_DENIED"), StatusCode.FailedPrecondition, "MODEL_CREDENTIALS"),
        ["404"] = new(Error(404, "NOT_FOUND"), StatusCode.NotFound, "MODEL_NOT_FOUND"),
        ["500"] = new(Error(500, "INTERNAL"), StatusCode.Unavailable, "MODEL_UNAVAILABLE"),
        ["503"] = new(Error(503, "UNAVAILABLE"), StatusCode.Unavailable, "MODEL_UNAVAILABLE"),
        ["504"] = new(Error(504, "DEADLINE_EXCEEDED"), StatusCode.DeadlineExceeded, "MODEL_TIMEOUT"),
        ["a page"] = new(
            ScriptedReply.Body("<html>secret-key</html>", "text/html", 502), StatusCode.Unavailable, "MODEL_UNAVAILABLE", Message: null),
        ["no JSON"] = new(
            ScriptedReply.Body("data: {\"candidates\":\n\n", "text/event-stream", 200),
            StatusCode.Unavailable,
            "MODEL_MALFORMED_RESPONSE",
            Message: null),
    };

    public static TheoryData<string> All => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public Task SendMessage_ModelFails_FailsWithCodeAndReasonAndLeavesNothing(string name) => FailAsync(name, stream: false);

    [Theory]
    [MemberData(nameof(All))]
    public Task SendMessageStream_ModelFailsAtOnce_FailsWithCodeAndReasonAndLeavesNothing(string name) => FailAsync(name, stream: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_ModelIsUnreachable_IsUnavailable(bool stream)
    {
        var chat = await Server.NewChatAsync("gemini-refused");

        var failure = await (stream ? Failure.OfAsync(chat.Stream("hi")) : Failure.OfAsync(chat.SendAsync("hi")));

        AssertIs(new Case(ScriptedReply.Stream(), StatusCode.Unavailable, "MODEL_UNAVAILABLE", Message: null), failure);
        Assert.Empty(await chat.HistoryAsync());
    }

    [Theory]
    [InlineData("error")]
    [InlineData("bare error")]
    [InlineData("half an event")]
    public async Task SendMessageStream_ModelFailsAfterAChunk_ReportsItAndKeepsThePartOutOfCuratedHistory(string how)
    {
        var chat = await Server.NewChatAsync();
        var reply = ScriptedReply.Stream().Event(GeminiJson.Text("one "));
        chat.Answer(how switch
        {
            "error" => reply.Event(GeminiJson.Error(429, "RESOURCE_EXHAUSTED", "scripted", "7s")),
            "bare error" => reply.Write("{\n  \"error\": {\n    \"code\": 429,\n    \"message\": \"scripted\"\n  }\n}\n"),
            _ => reply.Write("data: {\"candidates\": [{"),
        });

        using var call = chat.Stream("hi");
        var events = new List<TurnEvent>();
        var failure = await Failure.OfAsync(async () =>
        {
            await foreach (var next in call.ResponseStream.ReadAllAsync())
            {
                events.Add(next);
            }
        });

        Assert.Equal(["one "], events.Texts());
        Assert.Equal(Turn.Types.State.Failed, events[^1].Ended.State);
        Assert.Equal(how == "half an event" ? StatusCode.Unavailable : StatusCode.ResourceExhausted, failure.Code);
        Assert.Equal(how == "error" ? TimeSpan.FromSeconds(7) : null, failure.RetryDelay);
        Assert.Equal(events[^1].Ended.TurnId, failure.Metadata["turn_id"]);
        Assert.Equal(["u[hi]", "m[one ]"], await chat.HistoryAsync());
        Assert.Empty(await chat.HistoryAsync(curated: true));
        Assert.Equal(1, (await chat.GetAsync()).Revision);
    }

    [Fact]
    public async Task SendMessage_ModelFailsWithALongMessage_StatusIsCutAndTheTurnHasMore()
    {
        // Statuses travel in headers, of which clients take 8 KiB.
        var chat = await Server.NewChatAsync();
        chat.Answer(ScriptedReply.Error(400, "INVALID_ARGUMENT", new string('☃', 5000)));

        var failure = await Failure.OfAsync(chat.SendAsync("hi"));

        Assert.Equal(StatusCode.InvalidArgument, failure.Code);
        Assert.StartsWith("☃☃", failure.Message, StringComparison.Ordinal);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(failure.Message), 1000, 1027);
        Assert.Equal(2000, (await chat.GetTurnAsync(failure.Metadata["turn_id"])).Error.Message.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReadTurn_OfAFailedTurn_ReportsItInTheLastEvent(bool afterAChunk)
    {
        var chat = await Server.NewChatAsync();
        var reply = ScriptedReply.Stream().Event(GeminiJson.Text("one ")).Event(GeminiJson.Error(503, "UNAVAILABLE", "scripted"));
        chat.Answer(afterAChunk ? reply : Error(503, "UNAVAILABLE"));
        using var call = chat.Stream("hi");
        var events = new List<TurnEvent>();
        await Failure.OfAsync(async () =>
        {
            await foreach (var next in call.ResponseStream.ReadAllAsync())
            {
                events.Add(next);
            }
        });

        using var read = chat.Read(events[0].Started.TurnId);

        Assert.Equal(events, await read.ToListAsync());
        Assert.Equal("MODEL_UNAVAILABLE", events[^1].Ended.Error.Reason);
    }

    [Fact]
    public async Task Send_SameRequestIdAfterAFailureThatLeftNothing_RunsAgain()
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(ScriptedReply.Error(503, "UNAVAILABLE", "scripted"), ScriptedReply.Text("ok"));
        var request = chat.Message("hi");
        request.RequestId = "again";

        await Failure.OfAsync(Client.SendMessageAsync(request));
        var reply = await Client.SendMessageAsync(request);

        Assert.Equal(Turn.Types.State.Completed, reply.Turn.State);
        Assert.Equal(["u[hi]", "m[ok]"], await chat.HistoryAsync());
    }

    [Fact]
    public async Task Send_SameRequestIdAfterAFailureThatLeftSomething_GetsThatFailure()
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(
            ScriptedReply.Stream().Event(GeminiJson.Text("one ")).Event(GeminiJson.Error(429, "RESOURCE_EXHAUSTED", "scripted", "7s")));
        var request = chat.Message("hi");
        request.RequestId = "again";

        var first = await Failure.OfAsync(Client.SendMessageStream(request));
        var second = await Failure.OfAsync(Client.SendMessageAsync(request));

        Assert.Equal(
            (first.Code, first.Reason, first.RetryDelay, first.Metadata["turn_id"]),
            (second.Code, second.Reason, second.RetryDelay, second.Metadata["turn_id"]));
        Assert.Single(chat.Requests);
    }

    private async Task FailAsync(string name, bool stream)
    {
        var expected = Cases[name];
        var chat = await Server.NewChatAsync();
        chat.Answer(expected.Reply);

        var failure = await (stream ? Failure.OfAsync(chat.Stream("hi")) : Failure.OfAsync(chat.SendAsync("hi")));

        AssertIs(expected, failure);
        var turn = await chat.GetTurnAsync(failure.Metadata["turn_id"]);
        Assert.Equal(Turn.Types.State.Failed, turn.State);
        Assert.Equal((int)expected.Code, turn.Error.Code);
        Assert.Equal(expected.Reason, turn.Error.Reason);
        Assert.Equal(failure.Message, turn.Error.Message);
        Assert.Equal(expected.RetryDelay, turn.Error.RetryDelay?.ToTimeSpan());
        Assert.Equal(0, turn.Revision);
        Assert.Empty(await chat.HistoryAsync());
        Assert.Equal(0, (await chat.GetAsync()).Revision);
    }

    private static void AssertIs(Case expected, Failure failure)
    {
        Assert.Equal(expected.Code, failure.Code);
        Assert.Equal(expected.Reason, failure.Reason);
        Assert.Equal("genai.chats.v1", failure.Domain);
        Assert.Equal(expected.RetryDelay, failure.RetryDelay);
        Assert.Null(failure.Field);
        if (expected.Message is { } message)
        {
            Assert.Equal(message, failure.Message);
        }

        Assert.DoesNotContain("secret-key", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", failure.Message, StringComparison.Ordinal);
    }

    private static ScriptedReply Error(int code, string status, string? retryDelay = null) =>
        ScriptedReply.Error(code, status, "scripted", retryDelay);

    private sealed record Case(
        ScriptedReply Reply, StatusCode Code, string Reason, TimeSpan? RetryDelay = null, string? Message = "scripted");
}
