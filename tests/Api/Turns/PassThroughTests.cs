using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Models.Json;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>What the model said comes back to it as it was, and what a client sends it gets.</summary>
public sealed class PassThroughTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    // Members that no schema knows, at every level; numbers, lists and nulls among them.
    private const string StrangeContent = """
        {
          "role": "model",
          "parts": [
            {"text": "a", "novelty": {"of": [1, 2.5, "x", null, true]}, "thoughtSignature": "AbC-_+/=="},
            {"functionCall": {"id": "call-1", "name": "f", "args": {"city": "Köln", "n": 3}, "why": "because"}},
            {"inlineData": {"mimeType": "image/png", "data": "AAEC/w==", "origin": {"camera": 7}}},
            {"hologram": {"depth": 3}}
          ],
          "mood": "fine"
        }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_ModelAnswersWithUnknownMembers_NextRequestHasThemUnchanged(bool stream)
    {
        var chat = await Server.NewChatAsync();
        var content = JsonNode.Parse(StrangeContent)!.ToJsonString();
        var response = $$$"""
            {"candidates":[{"content":{{{content}}},"finishReason":"STOP","verdict":{"score":0.5}}],"epoch":[1,{"a":"b"}]}
            """;
        chat.Answer(Reply(stream, response), Reply(stream, GeminiJson.Text("ok", "STOP")));

        var answer = await SendAsync(chat, "hi", stream);
        await SendAsync(new SendMessageRequest { Name = chat.Name, Message = Notation.Parse("u[reply:f#call-1]") }, stream);

        AssertSame(response, JsonNode.Parse(RestJson.Write(answer)));
        AssertSame(StrangeContent, chat.LastContents()[1]);
        var history = await Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name });
        AssertSame(StrangeContent, JsonNode.Parse(RestJson.Write(history.History[1])));
    }

    [Fact]
    public async Task Send_UserContentWithUnknownMembers_ModelGetsThem()
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(ScriptedReply.Text("ok"));
        var content = RestJson.Read<Content>(
            Encoding.UTF8.GetBytes(StrangeContent.Replace("\"model\"", "\"user\"", StringComparison.Ordinal)));

        await Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Message = content });

        AssertSame(StrangeContent.Replace("\"model\"", "\"user\"", StringComparison.Ordinal), chat.LastContents()[0]);
    }

    [Fact]
    public async Task SendMessageStream_ParallelCallsInChunksOfTheirOwn_ComeBackInOrderWithIdsAndSignature()
    {
        var chat = await Server.NewChatAsync();
        var calls = Enumerable.Range(0, 4).Select(
            i => GeminiJson.FunctionCall($"f{i}", new JsonObject { ["i"] = i }, $"id-{i}", i == 0 ? "sig==" : null)).ToArray();
        var reply = ScriptedReply.Stream();
        foreach (var call in calls)
        {
            reply.Event(GeminiJson.Response([call.DeepClone()], call == calls[^1] ? "STOP" : null));
        }

        chat.Answer(reply, ScriptedReply.StreamOf("ok"));
        using (var call = chat.Stream("hi"))
        {
            await call.ToListAsync();
        }

        var responses = new Content();
        foreach (var call in calls)
        {
            responses.Parts.Add(Notation.Parse($"u[reply:{call["functionCall"]!["name"]}#{call["functionCall"]!["id"]}]").Parts);
        }

        using (var call = Client.SendMessageStream(new SendMessageRequest { Name = chat.Name, Message = responses }))
        {
            await call.ToListAsync();
        }

        var contents = chat.LastContents();
        Assert.Equal(3, contents.Count);
        AssertSame(new JsonArray([.. calls]).ToJsonString(), contents[1]!["parts"]);
        Assert.Equal(
            ["id-0", "id-1", "id-2", "id-3"], contents[2]!["parts"]!.AsArray().Select(p => (string?)p!["functionResponse"]!["id"]));
        Assert.Equal("user", (string?)contents[2]!["role"]);
    }

    [Fact]
    public async Task Send_ValuesThatJsonDoesNotHave_AreRecordedAndSentAgain()
    {
        var chat = await Server.NewChatAsync(null, Notation.Parse(["u[hi]", "m[call:f]"]));
        chat.Answer(ScriptedReply.Text("a"), ScriptedReply.Text("b"));
        var response = new Struct
        {
            Fields = { ["none"] = new Value(), ["nan"] = Value.ForNumber(double.NaN), ["null"] = Value.ForNull() },
        };
        var request = chat.Message("");
        request.Message = new Content
        {
            Parts = { new Part { FunctionResponse = new FunctionResponse { Name = "f", Response = response } } },
        };
        request.Config = new GenerateContentConfig { Temperature = double.PositiveInfinity };

        await Client.SendMessageAsync(request);
        await chat.SendAsync("next");

        var history = await Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name });
        Assert.Equal(request.Message.Parts, history.History[2].Parts);
        Assert.Equal("NaN", (string?)chat.LastContents()[2]!["parts"]![0]!["functionResponse"]!["response"]!["nan"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_LargeInlineData_ComesBackAndIsSentAgain(bool stream)
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(Reply(stream, GeminiJson.Text("ok", "STOP")), Reply(stream, GeminiJson.Text("ok", "STOP")));
        var bytes = new byte[20 * 1024 * 1024];
        new Random(1).NextBytes(bytes);
        var picture = new Content
        {
            Parts = { new Part { InlineData = new Blob { MimeType = "image/png", Data = Google.Protobuf.ByteString.CopyFrom(bytes) } } },
        };

        await SendAsync(new SendMessageRequest { Name = chat.Name, Message = picture }, stream);
        await SendAsync(chat, "again", stream);

        picture.Role = "user";
        var history = await Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name }, new Grpc.Core.Metadata { { "x-chat-max-message-bytes", "-1" } });
        Assert.Equal(picture, history.History[0]);

        // A reply that is full says where the rest is.
        Assert.NotEqual("", history.NextPageToken);
        var sent = chat.Requests[1].Body.GetProperty("contents")[0].GetProperty("parts")[0].GetProperty("inlineData");
        Assert.Equal(bytes, sent.GetProperty("data").GetBytesFromBase64());
    }

    private static void AssertSame(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual?.ToJsonString());

    private static ScriptedReply Reply(bool stream, string json) => stream ? ScriptedReply.Stream().Event(json) : ScriptedReply.Json(json);

    private Task<GenerateContentResponse> SendAsync(TestChat chat, string text, bool stream) => SendAsync(chat.Message(text), stream);

    private async Task<GenerateContentResponse> SendAsync(SendMessageRequest request, bool stream)
    {
        if (!stream)
        {
            return (await Client.SendMessageAsync(request)).Response;
        }

        using var call = Client.SendMessageStream(request);
        return (await call.ToListAsync())[1].Chunk;
    }
}
