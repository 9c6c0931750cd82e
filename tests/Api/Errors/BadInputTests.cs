using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Errors;

/// <summary>Requests that cannot be served name the field and the rule, and do nothing.</summary>
public sealed class BadInputTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    private const int Limit = 32 * 1024 * 1024;

    private static readonly Dictionary<string, (Action<SendMessageRequest> Spoil, string Field)> Sends = new()
    {
        ["nothing"] = (r => r.ClearInput(), "message"),
        ["empty text"] = (r => r.Text = "", "text"),
        ["no parts"] = (r => r.Message = new Content { Role = "user" }, "message"),
        ["empty texts"] = (r => r.Message = Notation.Parse("u[\"\"|\"\"]"), "message"),
        ["the model's role"] = (r => r.Message = Notation.Parse("m[a]"), "message.role"),
        ["a third role"] = (r => r.Message = Notation.Parse("system[a]"), "message.role"),
        ["a part without data"] = (r => r.Message = Notation.Parse("u[a|{}]"), "message.parts[1]"),
        ["a part with a signature alone"] = (r => r.Message = Notation.Parse("u[{}^sig]"), "message.parts[0]"),
        ["a text over the limit"] = (r => r.Text = new string('x', Limit), "text"),
        ["a message over the limit"] = (r => r.Message = Notation.Parse($"u[{new string('x', Limit)}]"), "message"),
        ["a text and config over the limit"] = (
            r => r.Config = new GenerateContentConfig { CachedContent = new string('x', Limit) }, "text"),
        ["a long request_id"] = (r => r.RequestId = new string('ö', 129), "request_id"),
        ["a request_id that isn't ASCII"] = (r => r.RequestId = "é", "request_id"),
        ["an emoji as request_id"] = (r => r.RequestId = "\ud83d\ude00", "request_id"),
        ["a request_id with DEL"] = (r => r.RequestId = "a\u007f", "request_id"),
        ["a request_id with a line break"] = (r => r.RequestId = "a\r\nb", "request_id"),
        ["a request_id that begins with a space"] = (r => r.RequestId = " a", "request_id"),
        ["a request_id that ends with a space"] = (r => r.RequestId = "a ", "request_id"),
        ["a negative revision"] = (r => r.ExpectedRevision = -1, "expected_revision"),
        ["config_mode"] = (r => r.ConfigMode = (SendMessageRequest.Types.ConfigMode)9, "config_mode"),
        ["on_busy"] = (r => r.OnBusy = (BusyPolicy)(-1), "on_busy"),
        ["on_disconnect"] = (r => r.OnDisconnect = (DisconnectPolicy)3, "on_disconnect"),
    };

    public static TheoryData<string> Calls => [.. BadInputCases.All.Keys];

    public static TheoryData<string> SendNames => [.. Sends.Keys];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Call_BadInput_NamesFieldAndDoesNothing(string name)
    {
        var bad = BadInputCases.All[name];
        await DoesNothingAsync(async chat =>
        {
            var failure = await bad.Call(Client, chat.Name);

            Assert.Equal(bad.Code, failure.Code);
            Assert.Equal(bad.Field, failure.Field);
            Assert.Equal(bad.Reason, failure.Reason);
            Assert.Equal("genai.chats.v1", failure.Domain);
            Assert.NotEqual("", failure.Message);
        });
    }

    [Theory]
    [MemberData(nameof(SendNames))]
    public async Task Send_BadInput_NamesFieldAndDoesNothing(string name)
    {
        var (spoil, field) = Sends[name];
        await DoesNothingAsync(async chat =>
        {
            var request = chat.Message("hi");
            spoil(request);

            var unary = await Failure.OfAsync(Client.SendMessageAsync(request));
            var streamed = await Failure.OfAsync(Client.SendMessageStream(request));

            foreach (var failure in (Failure[])[unary, streamed])
            {
                Assert.Equal(StatusCode.InvalidArgument, failure.Code);
                Assert.Equal(field, failure.Field);
                Assert.Equal("INVALID_FIELD", failure.Reason);
                Assert.StartsWith(field, failure.Message, StringComparison.Ordinal);
            }
        });
    }

    [Fact]
    public Task Send_FarOverTheLimit_IsRejectedByTheTransport() => DoesNothingAsync(async chat =>
    {
        var failure = await Failure.OfAsync(chat.SendAsync(new string('x', (2 * Limit) + 1)));

        Assert.Equal(StatusCode.ResourceExhausted, failure.Code);
    });

    [Fact]
    public async Task UpdateChat_LongMask_AnswerStaysSmall()
    {
        var chat = await Server.NewChatAsync("echo");
        var request = new UpdateChatRequest
        {
            Chat = new Chat { Name = chat.Name },
            UpdateMask = new() { Paths = { new string('☃', 100_000) } },
        };

        var failure = await Failure.OfAsync(Client.UpdateChatAsync(request));

        Assert.Equal((StatusCode.InvalidArgument, "update_mask"), (failure.Code, failure.Field));
        Assert.InRange(failure.Message.Length, 1, 1027);
    }

    [Fact]
    public async Task GetHistory_TokenOfAnotherListing_NamesField()
    {
        var one = await Server.NewChatAsync("echo", Notation.Parse(["u[a]", "m[b]"]));
        var other = await Server.NewChatAsync("echo", Notation.Parse(["u[a]", "m[b]"]));
        var token = (await Client.GetHistoryAsync(new GetHistoryRequest { Name = one.Name, PageSize = 1 })).NextPageToken;

        var ofAnother = new GetHistoryRequest { Name = other.Name, PageToken = token };
        var ofAnotherKind = new GetHistoryRequest { Name = one.Name, Curated = true, PageToken = token };

        foreach (var request in (GetHistoryRequest[])[ofAnother, ofAnotherKind])
        {
            var failure = await Failure.OfAsync(Client.GetHistoryAsync(request));

            Assert.Equal((StatusCode.InvalidArgument, "page_token"), (failure.Code, failure.Field));
        }
    }

    [Fact]
    public async Task ListChats_TokenOfAnotherFilter_NamesField()
    {
        await Server.NewChatAsync("echo");
        await Server.NewChatAsync("echo");
        var token = (await Client.ListChatsAsync(new ListChatsRequest { PageSize = 1 })).NextPageToken;

        var failure = await Failure.OfAsync(Client.ListChatsAsync(new ListChatsRequest { PageToken = token, Filter = "labels.a = \"b\"" }));

        Assert.Equal((StatusCode.InvalidArgument, "page_token"), (failure.Code, failure.Field));
    }

    // The check of a token has no secret: whoever reads this source can make one.
    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("x")]
    [InlineData("1")]
    [InlineData("1.0")]
    [InlineData("1.0.")]
    [InlineData("1.0.x")]
    [InlineData("1.0.\0")]
    [InlineData("1..x")]
    [InlineData("x.0.x")]
    [InlineData("1.x.x")]
    [InlineData("0.0.x")]
    [InlineData("-1.0.x")]
    [InlineData("1.-1.x")]
    [InlineData("1.0.0.x")]
    [InlineData("9223372036854775808.0.x")]
    [InlineData("1.2147483648.x")]
    public async Task GetHistory_ForgedToken_NamesField(string place)
    {
        var chat = await Server.NewChatAsync("echo", Notation.Parse(["u[a]", "m[b]"]));
        var key = new ChatKey("default", chat.Name["chats/".Length..]);
        var token = PageToken.Write(place, $"history:False:{key}");

        var failure = await Failure.OfAsync(Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name, PageToken = token }));

        Assert.Equal((StatusCode.InvalidArgument, "INVALID_PAGE_TOKEN", "page_token"), (failure.Code, failure.Reason, failure.Field));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("x.a")]
    [InlineData("1")]
    [InlineData("-1.a")]
    [InlineData("3155378976000000000.a")]
    [InlineData("9223372036854775808.a")]
    [InlineData("0..1.a")]
    [InlineData("17....a")]
    [InlineData("0.-1...a")]
    [InlineData("0..x..a")]
    [InlineData("0...3155378976000000000.a")]
    public async Task ListChats_ForgedToken_NamesField(string place)
    {
        var token = PageToken.Write(place, "chats:default:");

        var failure = await Failure.OfAsync(Client.ListChatsAsync(new ListChatsRequest { PageToken = token }));

        Assert.Equal((StatusCode.InvalidArgument, "INVALID_PAGE_TOKEN", "page_token"), (failure.Code, failure.Reason, failure.Field));
    }

    // Places that no page ends at, and that a forged token can name.
    [Theory]
    [InlineData("9223372036854775807.2147483647.")]
    [InlineData("1.2147483647.")]
    public async Task GetHistory_TokenBehindTheEnd_IsEmpty(string place)
    {
        var chat = await Server.NewChatAsync("echo", Notation.Parse(["u[a]", "m[b]"]));
        var key = new ChatKey("default", chat.Name["chats/".Length..]);
        var list = $"history:False:{key}";
        var first = await Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name, PageSize = 1 });
        var incarnation = PageToken.Read(first.NextPageToken, list).Split('.')[^1];
        var token = PageToken.Write(place + incarnation, list);

        var page = await Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name, PageToken = token });

        Assert.Equal(("", 0), (page.NextPageToken, page.History.Count));
    }

    [Fact]
    public async Task Call_UnknownMethod_IsUnimplemented()
    {
        var method = Raw.Method("Nonsense");

        var failure = await Failure.OfAsync(Server.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, default, []));

        Assert.Equal(StatusCode.Unimplemented, failure.Code);
    }

    private async Task DoesNothingAsync(Func<TestChat, Task> call)
    {
        var chat = await Server.NewChatAsync(null, Notation.Parse(["u[before]", "m[ok]"]));
        var before = await StateAsync(chat);

        await call(chat);

        Assert.Equal(before, await StateAsync(chat));
    }

    // Everything that a request could have changed.
    private async Task<(Chat Chat, string History, int Chats, int Requests)> StateAsync(TestChat chat)
    {
        var list = await Client.ListChatsAsync(new ListChatsRequest { PageSize = 1000 });
        Assert.Equal("", list.NextPageToken);
        return (await chat.GetAsync(), string.Join(' ', await chat.HistoryAsync()), list.Chats.Count, Server.Gemini.Requests.Count);
    }
}
