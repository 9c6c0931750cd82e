using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>A retry is not a second turn: request ids, and revisions that are expected.</summary>
public sealed class RequestIdTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Send_SameRequestIdAgain_ReturnsWhatWasRecorded(bool stream, bool streamAgain)
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(stream ? ScriptedReply.StreamOf("one ", "two") : ScriptedReply.Text("one two"));

        var first = await SendAsync(chat, "hi", stream);
        var second = await SendAsync(chat, "hi", streamAgain);

        Assert.Equal(first.Turn, second.Turn);
        Assert.Equal("one two", second.Text);
        Assert.Equal("id", first.Turn.RequestId);
        Assert.Single(chat.Requests);
        Assert.Equal(["u[hi]", "m[one two]"], await chat.HistoryAsync());
        Assert.Equal(1, (await chat.GetAsync()).Revision);
    }

    [Fact]
    public async Task SendMessageStream_SameRequestIdAgain_HasTheSameChunks()
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(ScriptedReply.StreamOf("one ", "two "));
        using var first = Client.SendMessageStream(Request(chat, "hi"));
        using var second = Client.SendMessageStream(Request(chat, "hi"));

        var events = await first.ToListAsync();

        Assert.Equal(events, await second.ToListAsync());
        Assert.Equal(["one ", "two "], events.Texts());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_SameRequestIdForSomethingElse_IsInvalid(bool stream)
    {
        var chat = await Server.NewChatAsync("echo");
        await SendAsync(chat, "hi", stream);
        var otherConfig = Request(chat, "hi");
        otherConfig.Config = new GenerateContentConfig { Seed = 1 };

        foreach (var request in (SendMessageRequest[])[Request(chat, "ho"), otherConfig])
        {
            var failure = await (
                stream ? Failure.OfAsync(Client.SendMessageStream(request)) : Failure.OfAsync(Client.SendMessageAsync(request)));

            Assert.Equal((StatusCode.InvalidArgument, "REQUEST_ID_REUSED", "request_id"), (failure.Code, failure.Reason, failure.Field));
        }

        Assert.Equal(["u[hi]", "m[hi]"], await chat.HistoryAsync());
    }

    [Fact]
    public async Task Send_SameMessageInAnotherShape_IsTheSameSend()
    {
        var chat = await Server.NewChatAsync("echo");
        var content = Request(chat, "");
        content.Message = Notation.Parse("[hi]");

        var first = await Client.SendMessageAsync(Request(chat, "hi"));

        Assert.Equal(first, await Client.SendMessageAsync(content));
    }

    [Fact]
    public async Task Send_SameRequestIdInAnotherChat_IsAnotherTurn()
    {
        var one = await Server.NewChatAsync("echo");
        var other = await Server.NewChatAsync("echo");

        Assert.NotEqual((await SendAsync(one, "hi", false)).Turn.TurnId, (await SendAsync(other, "ho", false)).Turn.TurnId);
    }

    [Fact]
    public async Task Send_WithoutRequestId_ServerMakesOne()
    {
        var chat = await Server.NewChatAsync("echo");

        var ids = new[] { (await chat.SendAsync("hi")).Turn.RequestId, (await chat.SendAsync("hi")).Turn.RequestId };

        Assert.Equal(2, ids.Distinct().Count(id => id.Length > 0));
    }

    [Fact]
    public async Task RecordHistory_SameRequestIdAgain_RecordsOnce()
    {
        var chat = await Server.NewChatAsync("echo");
        var request = new RecordHistoryRequest
        {
            Name = chat.Name,
            UserInput = Notation.Parse("u[a]"),
            ModelOutput = { Notation.Parse("m[b]") },
            IsValid = true,
            RequestId = "id",
        };

        var first = await Client.RecordHistoryAsync(request);

        Assert.Equal(first, await Client.RecordHistoryAsync(request));
        Assert.Equal(1, first.Revision);
        Assert.Equal(["u[a]", "m[b]"], await chat.HistoryAsync());
        request.IsValid = false;
        var failure = await Failure.OfAsync(Client.RecordHistoryAsync(request));
        Assert.Equal((StatusCode.InvalidArgument, "request_id"), (failure.Code, failure.Field));
    }

    [Theory]
    [InlineData("")]
    [InlineData("of-a-name-")]
    public async Task CreateChat_SameRequestIdAgain_ReturnsTheChat(string prefix)
    {
        var id = Guid.NewGuid().ToString("N");
        var request = new CreateChatRequest
        {
            Model = "echo",
            RequestId = id,
            ChatId = prefix.Length == 0 ? "" : prefix + id,
            Labels = { ["a"] = "1", ["b"] = "2" },
        };

        var chat = await Client.CreateChatAsync(request);
        await Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Text = "hi" });
        var again = await Client.CreateChatAsync(request);

        Assert.Equal((chat.Name, chat.CreateTime, 1L), (again.Name, again.CreateTime, again.Revision));
        request.DisplayName = "another";
        var failure = await Failure.OfAsync(Client.CreateChatAsync(request));
        Assert.Equal((StatusCode.InvalidArgument, "REQUEST_ID_REUSED", "request_id"), (failure.Code, failure.Reason, failure.Field));
    }

    [Fact]
    public async Task ExpectedRevision_IsAnother_AbortsWithTheRevisionAndDoesNothing()
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(ScriptedReply.Text("a"), ScriptedReply.StreamOf("b"));
        var good = new SendMessageRequest { Name = chat.Name, Text = "1", ExpectedRevision = 0 };
        await Client.SendMessageAsync(good);
        var record = new RecordHistoryRequest { Name = chat.Name, UserInput = Notation.Parse("u[a]"), ExpectedRevision = 0 };

        foreach (var failure in (Failure[])[
            await Failure.OfAsync(Client.SendMessageAsync(good)),
            await Failure.OfAsync(Client.SendMessageStream(good)),
            await Failure.OfAsync(Client.RecordHistoryAsync(record))])
        {
            Assert.Equal((StatusCode.Aborted, "REVISION_MISMATCH", "expected_revision"), (failure.Code, failure.Reason, failure.Field));
            Assert.Equal("1", failure.Metadata["revision"]);
        }

        Assert.Single(chat.Requests);
        good.ExpectedRevision = 1;
        using var call = Client.SendMessageStream(good);
        Assert.Equal(2, (await call.ToListAsync())[^1].Ended.Revision);
        record.ExpectedRevision = 2;
        Assert.Equal(3, (await Client.RecordHistoryAsync(record)).Revision);
    }

    private static SendMessageRequest Request(TestChat chat, string text)
    {
        var request = chat.Message(text);
        request.RequestId = "id";
        return request;
    }

    private async Task<(Turn Turn, string Text)> SendAsync(TestChat chat, string text, bool stream)
    {
        if (!stream)
        {
            var reply = await Client.SendMessageAsync(Request(chat, text));
            return (reply.Turn, reply.Response.Candidates[0].Content.Parts.Single().Text);
        }

        using var call = Client.SendMessageStream(Request(chat, text));
        var events = await call.ToListAsync();
        return (events[^1].Ended, string.Concat(events.Texts()));
    }
}
