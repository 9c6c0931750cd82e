using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Watching;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Detail = GenAI.Chats.V1.WatchChatRequest.Types.Detail;

namespace GenAI.Chats.Api.Tests.Watching;

/// <summary>Watches over gRPC.</summary>
public sealed class WatchChatTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    [Fact]
    public async Task WatchChat_AnotherClientSends_IsTold()
    {
        var chat = await Server.NewChatAsync("echo");
        using var watch = Client.WatchChat(new WatchChatRequest { Name = chat.Name });
        Assert.Equal(await chat.GetAsync(), (await watch.NextAsync()).Chat);

        using var sent = chat.Stream("one two");
        var turn = (await sent.ToListAsync())[^1].Ended;

        var events = await watch.UntilAsync(e => e.Chat is not null);
        Assert.Equal(["Accepted", "Started", "Chunk", "Chunk", "Ended", "Chat"], events.Select(Kind));
        Assert.Equal(("u[one two]", turn.TurnId), (Notation.Of([events[0].Accepted.Message])[0], events[0].Accepted.TurnId));
        using var read = chat.Read(turn.TurnId);
        Assert.Equal(await read.ToListAsync(), events.Where(e => e.Turn is not null).Select(e => e.Turn.Event));
        Assert.Equal(await chat.GetAsync(), events[^1].Chat);
        Assert.All(events, e => Assert.NotEqual("", e.Token));
    }

    [Theory]
    [InlineData(Detail.Turns, new[] { "Chat", "Accepted", "Started", "Ended", "Chat" })]
    [InlineData(Detail.Chat, new[] { "Chat", "Chat" })]
    public async Task WatchChat_LessDetail_HasFewerEvents(Detail detail, string[] kinds)
    {
        var chat = await Server.NewChatAsync("echo");
        using var watch = Client.WatchChat(new WatchChatRequest { Name = chat.Name, Detail = detail });
        List<ChatEvent> events = [await watch.NextAsync()];

        await chat.SendAsync("one two");

        events.AddRange(await watch.UntilAsync(e => e.Chat is not null));
        Assert.Equal(kinds, events.Select(Kind));
    }

    [Fact]
    public async Task WatchChat_SettingsAndHeadChange_ChatIsTold()
    {
        var chat = await Server.NewChatAsync("echo");
        await chat.SendAsync("one");
        await chat.SendAsync("two");
        using var watch = Client.WatchChat(new WatchChatRequest { Name = chat.Name });
        await watch.NextAsync();

        await Client.UpdateChatAsync(new UpdateChatRequest
        {
            Chat = new Chat { Name = chat.Name, Labels = { ["a"] = "b" } },
            UpdateMask = new FieldMask { Paths = { "labels" } },
        });
        Assert.Equal("b", (await watch.NextAsync()).Chat.Labels["a"]);
        await Client.RewindChatAsync(new RewindChatRequest { Name = chat.Name, Revision = 1 });
        Assert.Equal((3L, 1L), await HeadAsync());
        await Client.RewindChatAsync(new RewindChatRequest { Name = chat.Name, Revision = 2 });
        Assert.Equal((4L, 2L), await HeadAsync());

        async Task<(long Revision, long Head)> HeadAsync() => (await watch.NextAsync()).Chat is var told ? (told.Revision, told.HeadRevision) : default;
    }

    [Fact]
    public async Task WatchChat_ManyWatchersDuringATurn_EachHasTheWholeTurn()
    {
        var chat = await Server.NewChatAsync();
        var gate = new Gate();
        var reply = ScriptedReply.Stream();
        for (var i = 0; i < 20; i++)
        {
            reply.Event(GeminiJson.Text($"{i} ", i == 19 ? "STOP" : null));
            if (i == 10)
            {
                reply.WaitFor(gate);
            }
        }

        chat.Answer(reply);
        using var sent = chat.Stream("hi");
        await gate.Reached.InTime();
        var watches = Enumerable.Range(0, 50).Select(_ => Client.WatchChat(new WatchChatRequest { Name = chat.Name })).ToList();
        await Task.WhenAll(watches.Select(watch => watch.NextAsync())).InTime();

        gate.Open();

        var turn = await sent.ToListAsync();
        foreach (var watch in watches)
        {
            var events = await watch.UntilAsync(e => e.Chat is not null);
            Assert.Equal(turn, events.Where(e => e.Turn is not null).Select(e => e.Turn.Event));
            watch.Dispose();
        }
    }

    [Fact]
    public async Task WatchChat_ChatIsDeleted_EndsOk()
    {
        var chat = await Server.NewChatAsync("echo");
        using var watch = Client.WatchChat(new WatchChatRequest { Name = chat.Name });
        await watch.NextAsync();

        await Client.DeleteChatAsync(new DeleteChatRequest { Name = chat.Name });

        var last = await watch.NextAsync();
        Assert.NotNull(last.Deleted);
        Assert.False(await watch.ResponseStream.MoveNext(CancellationToken.None));
        await Client.CreateChatAsync(new CreateChatRequest { Model = "echo", ChatId = chat.Name["chats/".Length..] });
        using var again = Client.WatchChat(new WatchChatRequest { Name = chat.Name, Token = last.Token });
        Assert.NotNull((await again.NextAsync()).Deleted);
        Assert.False(await again.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task WatchChat_TokenOfAnotherChat_NamesField()
    {
        var (one, other) = (await Server.NewChatAsync("echo"), await Server.NewChatAsync("echo"));
        using var watch = Client.WatchChat(new WatchChatRequest { Name = one.Name });
        var token = (await watch.NextAsync()).Token;

        var failure = await Failure.OfAsync(Client.WatchChat(new WatchChatRequest { Name = other.Name, Token = token }));

        Assert.Equal((StatusCode.InvalidArgument, "INVALID_WATCH_TOKEN", "token"), (failure.Code, failure.Reason, failure.Field));
    }

    [Fact]
    public async Task WatchChat_TokenOfALaterState_NamesField()
    {
        var chat = await Server.NewChatAsync("echo");
        var key = ChatKey.Parse($"default/{chat.Name["chats/".Length..]}");
        using var watch = Client.WatchChat(new WatchChatRequest { Name = chat.Name });
        var later = WatchPosition.Parse((await watch.NextAsync()).Token, key) with { Sequence = 7 };

        var failure = await Failure.OfAsync(Client.WatchChat(new WatchChatRequest { Name = chat.Name, Token = later.ToToken(key) }));

        Assert.Equal("INVALID_WATCH_TOKEN", failure.Reason);
    }

    [Fact]
    public async Task WatchChat_ServerStops_TokenGoesOnElsewhere()
    {
        await using var owner = new DisposableServer(await TestServer.StartAsync("--Chats:DrainTimeout=00:00:00.2"), "DrainOver");
        var chat = await owner.Value.NewChatAsync("echo");
        using var watch = owner.Value.Client.WatchChat(new WatchChatRequest { Name = chat.Name });
        await watch.NextAsync();

        var stopped = owner.Value.StopAsync();

        var failure = await Failure.OfAsync(watch);
        Assert.Equal((StatusCode.Unavailable, "SERVER_STOPPING", TimeSpan.FromSeconds(1)), (failure.Code, failure.Reason, failure.RetryDelay));
        await stopped;
    }

    [Fact]
    public async Task WatchChat_ClientReadsNothing_EndsUnavailableAndCanBeResumed()
    {
        const int Chunks = 4000;
        await using var owner = new DisposableServer(await TestServer.StartAsync("--Api:StallTimeout=00:00:10"));
        var chat = await owner.Value.NewChatAsync("echo");
        using var stalled = new V1.Chats.ChatsClient(owner.Value.NewChannel()).WatchChat(new WatchChatRequest { Name = chat.Name });
        List<ChatEvent> events = [await stalled.NextAsync()];
        var request = chat.Message(new string('x', 1000) + " ");
        request.Config = new GenerateContentConfig { Labels = { ["echo-repeat"] = $"{Chunks}" } };
        using var ends = new StreamEnds(owner.Value);
        using var sent = owner.Value.Client.SendMessageStream(request);
        await sent.ToListAsync();
        await ends.NextAsync("WatchChat").InTime();

        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var next in stalled.ResponseStream.ReadAllAsync())
            {
                events.Add(next);
            }
        });
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);

        using var resumed = owner.Value.Client.WatchChat(new WatchChatRequest { Name = chat.Name, Token = events[^1].Token });
        Assert.Equal(1, (await resumed.NextAsync()).Chat.Revision);
        events.AddRange(await resumed.UntilAsync(e => e.Turn?.Event.Ended is not null));
        Assert.Equal(Enumerable.Range(1, Chunks + 2), events.Where(e => e.Turn is not null).Select(e => (int)e.Turn.Event.Offset));
    }

    private static string Kind(ChatEvent e) => e.Turn is { } turn ? $"{turn.Event.EventCase}" : $"{e.EventCase}";
}
