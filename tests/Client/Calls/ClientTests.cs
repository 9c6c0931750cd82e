using GenAI.Chats.Client.Tests.Support;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using static GenAI.Chats.Client.Tests.Support.Answers;

namespace GenAI.Chats.Client.Tests.Calls;

/// <summary>The client's options, credentials, and requests.</summary>
public sealed class ClientTests
{
    public static TheoryData<ChatsClientOptions, string> InvalidOptions => new()
    {
        { new() { Address = new Uri("ftp://here") }, "ChatsClientOptions.Address: invalid value 'ftp://here/'. Expected: an absolute URI with the scheme http or https." },
        { new() { SendTimeout = TimeSpan.Zero }, "ChatsClientOptions.SendTimeout: invalid value '00:00:00'. Expected: more than zero" },
        { new() { CallTimeout = TimeSpan.FromDays(30) }, "ChatsClientOptions.CallTimeout: invalid value '30.00:00:00'. Expected: more than zero and at most 24 days" },
        { new() { RetryTimeout = TimeSpan.FromSeconds(-2) }, "ChatsClientOptions.RetryTimeout: invalid value '-00:00:02'. Expected: zero, or" },
        { new() { InitialBackoff = TimeSpan.FromMinutes(1) }, "ChatsClientOptions.InitialBackoff: invalid value '00:01:00'. Expected: more than zero and at most MaxBackoff" },
        { new() { MaxTurnRetries = -1 }, "ChatsClientOptions.MaxTurnRetries: invalid value '-1'. Expected: between 0 and 100" },
        { new() { ApiKey = "a\nb" }, "ChatsClientOptions.ApiKey: invalid value '(hidden)'. Expected: printable ASCII" },
        { new() { OnTurnRestart = (TurnRestartPolicy)9 }, "ChatsClientOptions.OnTurnRestart: invalid value '9'. Expected: one of Throw" },
    };

    [Theory]
    [MemberData(nameof(InvalidOptions))]
    public void Client_InvalidOption_ThrowsWithKeyValueAndRule(ChatsClientOptions options, string message)
    {
        var failure = Assert.Throws<ArgumentException>(() => new ChatsClient(options));

        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("r", 0)]
    public void SendMessage_InvalidOption_Throws(string requestId, int seconds)
    {
        using var client = new ChatsClient();

        Assert.Throws<ArgumentException>(
            () => client.Open("c").SendMessage("hi", new SendOptions { RequestId = requestId, Timeout = TimeSpan.FromSeconds(seconds) }));
    }

    [Fact]
    public async Task Call_FailsWithALongMessage_ExceptionHasAllOfIt()
    {
        var text = new string('\u7121', 300);
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue((_, _, _) => throw Shortened(Error(Grpc.Core.StatusCode.InvalidArgument, "INVALID_FIELD"), text));

        var failure = await Assert.ThrowsAsync<ChatException>(() => server.Chat().GetAsync());

        Assert.Equal(("INVALID_FIELD", text), (failure.Reason, failure.Message));
    }

    [Fact]
    public async Task Calls_WithCredentials_SendThem()
    {
        await using var server = await ScriptedServer.StartAsync();
        var tokens = 0;
        var options = new ChatsClientOptions
        {
            ApiKey = "key",
            AccessToken = _ => ValueTask.FromResult($"token-{++tokens}"),
            InitialBackoff = TimeSpan.FromMilliseconds(1),
        };
        server.Chats.Enqueue(Drop(), Reply(new V1.Chat()), Stream(Events.Attempt(1, "hi")));
        var chat = server.Chat(options);

        await chat.GetAsync();
        await chat.SendMessageStreamAsync("hi").CountAsync();

        Assert.Equal(["key", "key", "key"], server.Chats.Headers.Select(h => h.GetValue("x-api-key")));
        Assert.Equal(["Bearer token-1", "Bearer token-2", "Bearer token-3"], server.Chats.Headers.Select(h => h.GetValue("authorization")));
        Assert.DoesNotContain("key", options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_OfAChat_HaveAHeaderWithItsName()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(new V1.Chat()), Stream(Events.Attempt(1, "hi")), Reply(new ListChatsResponse()));
        var client = server.Client();
        var chat = client.Open("a-chat");

        await chat.GetAsync();
        await chat.SendMessageStreamAsync("hi").CountAsync();
        await client.ListAsync().CountAsync();

        Assert.Equal(["chats/a-chat", "chats/a-chat", null], server.Chats.Headers.Select(h => h.GetValue("x-chat-name")));
    }

    [Fact]
    public async Task GetHistoryAndList_SeveralPages_ReturnAll()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(
            Reply(new GetHistoryResponse { History = { new Content { Role = "user" } }, NextPageToken = "2" }),
            Reply(new GetHistoryResponse { History = { new Content { Role = "model" } } }),
            Reply(new ListChatsResponse { Chats = { new V1.Chat { Name = "chats/a" } }, NextPageToken = "2" }),
            Reply(new ListChatsResponse { Chats = { new V1.Chat { Name = "chats/b" } } }));
        var client = server.Client();

        Assert.Equal(["user", "model"], (await client.Open("c").GetHistoryAsync(curated: true)).Select(c => c.Role));
        Assert.Equal(["chats/a", "chats/b"], await client.ListAsync("labels.a = \"b\"").Select(c => c.Name).ToListAsync());
        Assert.Equal(["", "2"], server.Chats.Requests.OfType<GetHistoryRequest>().Where(r => r.Curated).Select(r => r.PageToken));
        Assert.Equal(["", "2"], server.Chats.Requests.OfType<ListChatsRequest>().Where(r => r.Filter.Length > 0).Select(r => r.PageToken));
    }

    [Fact]
    public async Task Update_SomeSettings_SetsTheMask()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(new V1.Chat()));

        await server.Chat().UpdateAsync(new ChatUpdate { Model = "m", Labels = new Dictionary<string, string>() });

        var request = Assert.IsType<UpdateChatRequest>(Assert.Single(server.Chats.Requests));
        Assert.Equal(new FieldMask { Paths = { "model", "labels" } }, request.UpdateMask);
        Assert.Equal(("chats/c", "m"), (request.Chat.Name, request.Chat.Model));
        await Assert.ThrowsAsync<ArgumentException>(() => server.Chat().UpdateAsync(new ChatUpdate()));
    }

    [Fact]
    public async Task Update_Expiry_SetsItsFieldsOfTheMask()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Otherwise = Reply(new V1.Chat());
        var chat = server.Chat();
        var time = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.FromHours(1));

        await chat.UpdateAsync(new ChatUpdate { Ttl = TimeSpan.FromMinutes(1) });
        await chat.UpdateAsync(new ChatUpdate { ExpireTime = time });
        await chat.UpdateAsync(new ChatUpdate { NeverExpires = true });

        Assert.Equal(
            [
                new UpdateChatRequest
                {
                    Chat = new V1.Chat { Name = "chats/c", Ttl = new Duration { Seconds = 60 } }, UpdateMask = new FieldMask { Paths = { "ttl" } },
                },
                new UpdateChatRequest
                {
                    Chat = new V1.Chat { Name = "chats/c", ExpireTime = Timestamp.FromDateTimeOffset(time) },
                    UpdateMask = new FieldMask { Paths = { "expire_time" } },
                },
                new UpdateChatRequest { Chat = new V1.Chat { Name = "chats/c" }, UpdateMask = new FieldMask { Paths = { "ttl", "expire_time" } } },
            ],
            server.Chats.Requests);
    }

    [Fact]
    public async Task Create_AllOptions_AreInTheRequest()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Otherwise = Reply(new V1.Chat { Name = "chats/a" });
        var time = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.FromHours(1));
        var options = new CreateOptions
        {
            ChatId = "a",
            DisplayName = "A",
            Labels = new Dictionary<string, string> { ["k"] = "v" },
            Ttl = TimeSpan.FromMinutes(1),
            RequestId = "r",
        };
        using var client = server.Client();

        await client.CreateAsync("m", options: options);
        await client.CreateAsync("m", options: new CreateOptions { ExpireTime = time, RequestId = "s" });

        Assert.Equal(
            [
                new CreateChatRequest
                {
                    Model = "m", ChatId = "a", DisplayName = "A", Labels = { ["k"] = "v" }, Ttl = new Duration { Seconds = 60 }, RequestId = "r",
                },
                new CreateChatRequest { Model = "m", ExpireTime = Timestamp.FromDateTimeOffset(time), RequestId = "s" },
            ],
            server.Chats.Requests);
    }

    [Fact]
    public async Task RecordHistory_AnyContents_RecordsThemAsOneTurn()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Drop(), Reply(new V1.Chat()));
        Content[] contents = [new() { Role = "model", Parts = { new Part { Text = "Welcome!" } } }];

        await server.Chat().RecordHistoryAsync(contents, expectedRevision: 3);

        var requests = server.Chats.Requests.Cast<RecordHistoryRequest>().ToList();
        Assert.NotEmpty(requests[0].RequestId);
        Assert.Equal(
            new RecordHistoryRequest { Name = "chats/c", Contents = { contents }, IsValid = true, ExpectedRevision = 3, RequestId = requests[0].RequestId },
            requests[0]);
        Assert.Equal(requests[0], requests[1]);
    }

    [Fact]
    public async Task GetHistory_OfARevision_AsksForIt()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(new GetHistoryResponse()));

        Assert.Empty(await server.Chat().GetHistoryAsync(revision: 0));

        Assert.Equal(new GetHistoryRequest { Name = "chats/c", Revision = 0 }, Assert.Single(server.Chats.Requests));
    }

    [Fact]
    public async Task Send_AllOptions_AreInTheRequest()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Stream(Events.Attempt(1, "hi")));
        var options = new SendOptions
        {
            Config = new GenerateContentConfig { Seed = 1 },
            MergeConfig = true,
            RequestId = "r",
            ExpectedRevision = 0,
            AfterRevision = 0,
            Model = "m",
            OnBusy = BusyPolicy.Reject,
        };

        await server.Chat().SendMessageStreamAsync("hi", options).CountAsync();

        var expected = new SendMessageRequest
        {
            Name = "chats/c",
            Text = "hi",
            Config = options.Config,
            ConfigMode = SendMessageRequest.Types.ConfigMode.Merge,
            RequestId = "r",
            ExpectedRevision = 0,
            AfterRevision = 0,
            Model = "m",
            OnBusy = BusyPolicy.Reject,
        };
        Assert.Equal(expected, Assert.Single(server.Chats.Requests));
    }

    [Fact]
    public async Task AddChatsClient_Container_ReturnsOneClient()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(new V1.Chat { Name = "chats/made" }));
        var services = new ServiceCollection();
        services.AddChatsClient(new ChatsClientOptions { Address = server.Address }).AddChatsClient();
        await using var provider = services.BuildServiceProvider();

        var client = provider.GetRequiredService<ChatsClient>();

        Assert.Same(client, provider.GetRequiredService<ChatsClient>());
        Assert.Equal("chats/made", (await client.CreateAsync("echo")).Name);
    }

    [Fact]
    public void Open_IdOrName_IsTheSameChat()
    {
        using var client = new ChatsClient();

        Assert.Equal(("chats/c", "c"), (client.Open("c").Name, client.Open("chats/c").Id));
        Assert.Throws<ArgumentException>(() => client.Open(""));
    }
}
