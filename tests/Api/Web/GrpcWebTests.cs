using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Web;

namespace GenAI.Chats.Api.Tests.Web;

/// <summary>gRPC-Web, as browsers use it: over HTTP/1.1 on the web port.</summary>
public sealed class GrpcWebTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    [Theory]
    [InlineData(GrpcWebMode.GrpcWeb)]
    [InlineData(GrpcWebMode.GrpcWebText)]
    public async Task Calls_AreTheSame(GrpcWebMode mode)
    {
        using var channel = Connect(Server.Addresses.Http, mode);
        var client = new V1.Chats.ChatsClient(channel);
        var chat = await client.CreateChatAsync(new CreateChatRequest { Model = "echo" });

        var sent = await client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Text = "one two" });
        using var stream = client.SendMessageStream(new SendMessageRequest { Name = chat.Name, Text = "one two" });
        var events = await stream.ToListAsync();
        var failure = await Failure.OfAsync(client.GetChatAsync(new GetChatRequest { Name = "chats/missing" }));

        Assert.Equal(Turn.Types.State.Completed, sent.Turn.State);
        Assert.Equal(["one ", "two"], events.Texts());
        Assert.Equal(events[^1].Ended.TurnId, (await stream.ResponseHeadersAsync).GetValue("turn-id"));
        Assert.Equal((StatusCode.NotFound, "CHAT_NOT_FOUND"), (failure.Code, failure.Reason));
    }

    [Fact]
    public async Task Stream_ChunksArriveAsTheModelSendsThem()
    {
        using var channel = Connect(Server.Addresses.Http);
        var client = new V1.Chats.ChatsClient(channel);
        var chat = await Server.NewChatAsync();
        var gate = new TestKit.ScriptedGemini.Gate();
        chat.Answer(TestKit.ScriptedGemini.ScriptedReply.Stream()
            .Event(TestKit.ScriptedGemini.GeminiJson.Text("one ")).WaitFor(gate).Event(TestKit.ScriptedGemini.GeminiJson.Text("two", "STOP")));
        using var stream = client.SendMessageStream(new SendMessageRequest { Name = chat.Name, Text = "hi" });

        await stream.NextAsync();
        Assert.Equal("one ", (await stream.NextAsync()).Chunk.Candidates[0].Content.Parts[0].Text);
        gate.Open();

        Assert.Equal(["two"], (await stream.ToListAsync()).Texts());
    }

    [Theory]
    [InlineData(GrpcWebMode.GrpcWeb)]
    [InlineData(GrpcWebMode.GrpcWebText)]
    public async Task Call_WithoutCredentials_IsUnauthenticated(GrpcWebMode mode)
    {
        await using var tenants = new DisposableServer(await TenantsServer.StartAsync());
        using var channel = Connect(tenants.Value.Addresses.Http, mode);
        var client = new V1.Chats.ChatsClient(channel);

        var unary = await Failure.OfAsync(client.ListChatsAsync(new ListChatsRequest()));
        var stream = await Failure.OfAsync(client.WatchChat(new WatchChatRequest { Name = "chats/a" }));
        var chats = await client.ListChatsAsync(new ListChatsRequest(), ((TenantsServer)tenants.Value).As(TenantsServer.Alpha));

        Assert.Empty(chats.Chats);
        Assert.All([unary, stream], failure => Assert.Equal((StatusCode.Unauthenticated, "MISSING_CREDENTIALS"), (failure.Code, failure.Reason)));
    }

    private static GrpcChannel Connect(Uri address, GrpcWebMode mode = GrpcWebMode.GrpcWeb) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        HttpHandler = new GrpcWebHandler(mode, new SocketsHttpHandler()),
        HttpVersion = new Version(1, 1),
        DisposeHttpClient = true,
    });
}
