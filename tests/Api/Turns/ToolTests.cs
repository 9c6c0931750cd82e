using System.Text.Json.Nodes;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>Function calls, as clients see them: their own, and those of the host's tools.</summary>
public sealed class ToolTests(ToolTests.ToolServer server) : ApiTest(server), IClassFixture<ToolTests.ToolServer>
{
    private static readonly GenerateContentConfig Asks = new()
    {
        Tools =
        {
            new Tool
            {
                FunctionDeclarations =
                {
                    new FunctionDeclaration { Name = "double" },
                    new FunctionDeclaration { Name = "mine", Description = "The client's." },
                },
            },
        },
    };

    [Fact]
    public async Task SendMessage_ToolIsCalled_ReturnsTheLastAnswer()
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(Calls("double"), ScriptedReply.Text("It is 42."));

        var reply = await Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Text = "Twice 21?", Config = Asks });

        Assert.Equal("m[It is 42.]", Notation.Of(reply.Response.Candidates[0].Content));
        Assert.Equal((2, 1), (reply.Response.UsageMetadata.TotalTokenCount, reply.Turn.Attempt));
        Assert.Equal(["u[Twice 21?]", "m[call:double#1]", "u[reply:double#1]", "m[It is 42.]"], await chat.HistoryAsync(curated: true));
        var declared = chat.Requests[0].Body.GetProperty("tools")[0].GetProperty("functionDeclarations");
        Assert.Equal("Doubles a number.", declared[0].GetProperty("description").GetString());
        Assert.Equal("The client's.", declared[1].GetProperty("description").GetString());
        var response = chat.LastContents()[2]!["parts"]![0]!["functionResponse"]!;
        Assert.Equal("""{"id":"1","name":"double","response":{"result":42}}""", response.ToJsonString());
    }

    [Fact]
    public async Task SendMessageStream_ToolIsCalled_StreamsAllRoundsAndReplaysThem()
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(
            ScriptedReply.Stream().Event(GeminiJson.Text("Let me ")).Event(GeminiJson.Text("see.")).Event(CallsJson("double")),
            ScriptedReply.StreamOf("It is ", "42."));
        List<TurnEvent> events;
        using (var call = Client.SendMessageStream(new SendMessageRequest { Name = chat.Name, Text = "Twice 21?", Config = Asks }))
        {
            events = await call.ToListAsync();
        }

        Assert.Equal(
            ["m[Let me ]", "m[see.]", "m[call:double#1]", "u[reply:double#1]", "m[It is ]", "m[42.]"],
            events[1..^1].Select(e => Notation.Of(e.Chunk.Candidates[0].Content)));
        Assert.Equal(Enumerable.Range(1, 8), events.Select(e => (int)e.Offset));
        Assert.True(events[^1].Ended.Curated);
        using var read = chat.Read(events[0].Started.TurnId);
        Assert.Equal(events, await read.ToListAsync());
    }

    [Fact]
    public async Task SendMessage_CallsOfBoth_ReturnsTheAnswerWithTheCalls()
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(Calls("double", "mine"), ScriptedReply.Text("ok"));

        var reply = await Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Text = "Go.", Config = Asks });
        Assert.Equal("m[call:double#1|call:mine#2]", Notation.Of(reply.Response.Candidates[0].Content));
        Assert.False(reply.Turn.Curated);
        var next = await Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Message = Notation.Parse("u[reply:mine#2]"), Config = Asks });

        Assert.True(next.Turn.Curated);
        Assert.Equal(["u[Go.]", "m[call:double#1|call:mine#2]", "u[reply:double#1|reply:mine#2]"], Notation.OfContents(chat.Requests[^1].Body));
        Assert.True((await chat.GetTurnAsync(reply.Turn.TurnId)).Curated);
    }

    [Fact]
    public async Task SendMessage_ResponsesThatDoNotFit_AreRejectedWithTheField()
    {
        var chat = await Server.NewChatAsync("echo");
        var request = new SendMessageRequest { Name = chat.Name, Text = "Go.", Config = new GenerateContentConfig { Labels = { ["echo-call"] = "mine" } } };
        await Client.SendMessageAsync(request);

        var failure = await Failure.OfAsync(Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Message = Notation.Parse("u[reply:other]") }));

        Assert.Equal((StatusCode.InvalidArgument, "FUNCTION_RESPONSE_MISMATCH"), (failure.Code, failure.Reason));
        Assert.Equal("message.parts[0].function_response.name", failure.Field);
        var answered = await Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Message = Notation.Parse("u[reply:mine]") });
        Assert.Equal(("m[ok]", true), (Notation.Of(answered.Response.Candidates[0].Content), answered.Turn.Curated));
    }

    private static string CallsJson(params string[] names) => GeminiJson.Response(
        names.Select((name, i) => GeminiJson.FunctionCall(name, new JsonObject { ["number"] = 21 }, $"{i + 1}")), "STOP", (1, 1));

    private static ScriptedReply Calls(params string[] names) => ScriptedReply.Json(CallsJson(names));

    /// <summary>A server with a tool.</summary>
    public sealed class ToolServer : TestServer
    {
        protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddChatTool(
            new FunctionDeclaration { Name = "double", Description = "Doubles a number." },
            (call, _) => ValueTask.FromResult(new Struct { Fields = { ["result"] = Value.ForNumber(2 * call.Args.Fields["number"].NumberValue) } }));
    }
}
