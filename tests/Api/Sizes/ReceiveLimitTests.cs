using System.Net;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Api.Tests.Web;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace GenAI.Chats.Api.Tests.Sizes;

/// <summary>Parts that are larger than a client receives: the client gets everything but their data.</summary>
public sealed class ReceiveLimitTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    private const string Header = "x-chat-max-message-bytes";
    private const int Large = 5 << 20;

    private static readonly ByteString Bytes = ByteString.CopyFrom(new byte[Large]);

    [Fact]
    public async Task Picture_ClientWithGrpcsLimit_GetsEverythingElse()
    {
        var client = new V1.Chats.ChatsClient(NewChannel(limit: 4 << 20));
        var chat = await PaintedAsync(client);

        using var call = client.SendMessageStream(chat.Message("Another one!"));
        var events = await call.ToListAsync();
        Assert.Equal(Turn.Types.State.Completed, events[^1].Ended.State);
        var chunk = Assert.Single(events, static e => e.Chunk is not null).Chunk;
        Assert.Equal("Here it is: ", chunk.Candidates[0].Content.Parts[0].Text);
        AssertOmitted(chunk.Candidates[0].Content.Parts[1]);
        Assert.Equal("STOP", chunk.Candidates[0].FinishReason);

        var turnId = events[^1].Ended.TurnId;
        AssertOmitted((await client.ReadTurn(new ReadTurnRequest { Name = chat.Name, TurnId = turnId }).ToListAsync())[1].Chunk.Candidates[0].Content.Parts[1]);
        AssertOmitted((await client.GetTurnAsync(new GetTurnRequest { Name = chat.Name, TurnId = turnId })).Output[0].Parts[1]);
        var turns = await client.ListTurnsAsync(new ListTurnsRequest { Name = chat.Name, View = TurnView.Full, NewestFirst = true, PageSize = 1 });
        AssertOmitted(turns.Turns[0].Output[0].Parts[1]);
        var history = await HistoryAsync(client, chat.Name);
        Assert.Equal(["user", "model", "user", "model"], history.Select(static content => content.Role));
        Assert.All(history.Where(static content => content.Role == "model"), static content => AssertOmitted(content.Parts[1]));

        // The model gets the first picture, and so do other clients.
        var sent = chat.Requests[1].Body.GetProperty("contents")[1].GetProperty("parts")[1].GetProperty("inlineData");
        Assert.Equal(Large, sent.GetProperty("data").GetBytesFromBase64().Length);
        Assert.Equal([Bytes, Bytes], (await HistoryAsync(WithoutLimit(), chat.Name)).Where(static c => c.Role == "model").Select(static c => c.Parts[1].InlineData.Data));
    }

    [Fact]
    public async Task SendMessage_ClientWithGrpcsLimit_GetsTheResponseWithoutThePicture()
    {
        var client = new V1.Chats.ChatsClient(NewChannel(limit: 4 << 20));
        var chat = await Server.NewChatAsync();
        chat.Answer(ScriptedReply.Json(Painting()));

        var sent = await client.SendMessageAsync(chat.Message("Paint!"));

        Assert.Equal(Turn.Types.State.Completed, sent.Turn.State);
        AssertOmitted(sent.Response.Candidates[0].Content.Parts[1]);
    }

    [Fact]
    public async Task WatchChat_ClientWithGrpcsLimit_GetsTheEventsWithoutThePicture()
    {
        var client = new V1.Chats.ChatsClient(NewChannel(limit: 4 << 20));
        var chat = await Server.NewChatAsync("echo");
        using var watch = client.WatchChat(new WatchChatRequest { Name = chat.Name });
        await watch.ResponseStream.MoveNext(default);
        var picture = new Part { InlineData = new Blob { MimeType = "image/png", Data = Bytes } };

        var sent = await client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Message = new Content { Parts = { new Part { Text = "Look: " }, picture } } });

        Assert.Equal(Turn.Types.State.Completed, sent.Turn.State);
        Assert.True(await watch.ResponseStream.MoveNext(default));
        AssertOmitted(watch.ResponseStream.Current.Accepted.Message.Parts[1]);
    }

    [Theory]
    [InlineData("-1", true)]
    [InlineData("6000000", true)]
    [InlineData("99999999999", true)]
    [InlineData("5000000", false)]
    [InlineData("100", false)]
    [InlineData("-2", false)]
    [InlineData("much", false)]
    public async Task Picture_ClientWithAnotherLimit_GetsWhatFits(string limit, bool isComplete)
    {
        var chat = await PaintedAsync(Client);
        var headers = new Metadata { { Header, limit } };

        var history = await Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name }, headers);
        var turns = await Client.ListTurnsAsync(new ListTurnsRequest { Name = chat.Name }, headers);
        using var call = Client.ReadTurn(new ReadTurnRequest { Name = chat.Name, TurnId = turns.Turns[0].TurnId }, headers);
        var events = await call.ToListAsync();

        // The picture has a page of its own.
        var page = await Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name, PageToken = history.NextPageToken }, headers);
        foreach (var part in new[] { page.History[0].Parts[1], events[1].Chunk.Candidates[0].Content.Parts[1] })
        {
            Assert.Equal((isComplete ? Large : 0, !isComplete), (part.InlineData.Data.Length, part.HasOmittedBytes));
        }
    }

    [Fact]
    public async Task Parts_OfAllKinds_KeepTheirShortFieldsAndTheRestOfTheMessage()
    {
        var text = new string('x', Large);
        var chat = await Server.NewChatAsync(
            null,
            new Content { Role = "user", Parts = { new Part { Text = text }, new Part { Text = "short" } } },
            new Content { Role = "model", Parts = { new Part { FunctionCall = new FunctionCall { Id = "1", Name = "f", Args = Struct(text) }, ThoughtSignature = "signed" } } },
            new Content { Role = "user", Parts = { new Part { FunctionResponse = new FunctionResponse { Id = "1", Name = "f", Response = Struct(text) } } } },
            new Content { Role = "model", Parts = { new Part { Text = "Done.", ThoughtSignature = text } } });

        var history = await HistoryAsync(new V1.Chats.ChatsClient(NewChannel(limit: 4 << 20)), chat.Name);

        Assert.Equal((Part.DataOneofCase.None, "short"), (history[0].Parts[0].DataCase, history[0].Parts[1].Text));
        var (call, response) = (history[1].Parts[0], history[2].Parts[0]);
        Assert.Equal(("1", "f", null, "signed"), (call.FunctionCall.Id, call.FunctionCall.Name, call.FunctionCall.Args, call.ThoughtSignature));
        Assert.Equal(("1", "f", null), (response.FunctionResponse.Id, response.FunctionResponse.Name, response.FunctionResponse.Response));
        Assert.Equal(("Done.", false), (history[3].Parts[0].Text, history[3].Parts[0].HasThoughtSignature));
        Assert.All(history, static content => Assert.InRange(content.Parts[0].OmittedBytes, Large, Large + 100));
        Assert.False(history[0].Parts[1].HasOmittedBytes);

        static Struct Struct(string text) => new() { Fields = { ["text"] = Value.ForString(text) } };
    }

    [Fact]
    public async Task Rest_Picture_IsComplete()
    {
        var chat = await PaintedAsync(Client);
        using var web = new WebApi(Server);

        var json = (await web.GetAsync($"/v1/{chat.Name}/history?pageSize=1&pageToken={(await Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name, PageSize = 1 })).NextPageToken}"))
            .Expect(HttpStatusCode.OK);

        Assert.Equal(Large, Convert.FromBase64String((string)json["history"]![0]!["parts"]![1]!["inlineData"]!["data"]!).Length);
    }

    [Fact]
    public async Task Requests_PartsWithoutTheirData_AreRejected()
    {
        var chat = await Server.NewChatAsync("echo");
        var omitted = new Part { InlineData = new Blob { MimeType = "image/png" }, OmittedBytes = Large };

        var send = await Failure.OfAsync(Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Message = new Content { Parts = { omitted } } }));
        var create = await Failure.OfAsync(Client.CreateChatAsync(new CreateChatRequest { Model = "echo", History = { new Content { Role = "user", Parts = { omitted } } } }));

        Assert.Equal(("INVALID_FIELD", "message"), (send.Reason, send.Field));
        Assert.Equal(("INVALID_FIELD", "history"), (create.Reason, create.Field));
    }

    private static void AssertOmitted(Part part)
    {
        Assert.Equal(("image/png", 0), (part.InlineData.MimeType, part.InlineData.Data.Length));
        Assert.InRange(part.OmittedBytes, Large, Large + 100);
    }

    private static string Painting() => $$$"""
        {"candidates": [{"content": {"role": "model", "parts": [
          {"text": "Here it is: "}, {"inlineData": {"mimeType": "image/png", "data": "{{{Bytes.ToBase64()}}}"}}]}, "finishReason": "STOP"}]}
        """.ReplaceLineEndings("");

    private static async Task<List<Content>> HistoryAsync(V1.Chats.ChatsClient client, string name)
    {
        var (contents, request) = (new List<Content>(), new GetHistoryRequest { Name = name });
        do
        {
            var page = await client.GetHistoryAsync(request);
            contents.AddRange(page.History);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        return contents;
    }

    // A chat with one picture of the model, and more to come.
    private async Task<TestChat> PaintedAsync(V1.Chats.ChatsClient client)
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(ScriptedReply.Stream().Event(Painting()), ScriptedReply.Stream().Event(Painting()));
        using var call = client.SendMessageStream(chat.Message("Paint!"));
        Assert.Equal(Turn.Types.State.Completed, (await call.ToListAsync())[^1].Ended.State);
        return chat;
    }

    private V1.Chats.ChatsClient WithoutLimit() => new(Server.Channel.Intercept(static metadata =>
    {
        metadata.Add(Header, "-1");
        return metadata;
    }));

    private GrpcChannel NewChannel(int? limit) => GrpcChannel.ForAddress(Server.Addresses.Grpc, new GrpcChannelOptions { MaxReceiveMessageSize = limit });
}
