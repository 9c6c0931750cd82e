using System.ComponentModel;
using System.Text.Json;
using GenAI.Chats.Client.Tests.Support;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.AI;
using static GenAI.Chats.Client.Tests.Support.Answers;

namespace GenAI.Chats.Client.Tests.AI;

/// <summary>The adapter for Microsoft.Extensions.AI: its requests to the service, and how it maps responses.</summary>
public sealed class ChatClientTests
{
    private static readonly Answer Created = Reply(new V1.Chat { Name = "chats/made" });

    [Fact]
    public async Task GetResponse_NoConversation_CreatesAChatWithTheHistory()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Created, Reply(Answered(new Part { Text = "Four." })));
        ChatMessage[] messages =
        [
            new(ChatRole.System, "Be brief."),
            new(ChatRole.User, "One and one?"),
            new(ChatRole.Assistant, "Two."),
            new(ChatRole.User, "Two and two?"),
            new(ChatRole.User, "Quick!"),
        ];

        var response = await server.Client().AsIChatClient("gemini-x").GetResponseAsync(messages);

        Assert.Equal(("Four.", "made", "t"), (response.Text, response.ConversationId, response.ResponseId));
        var create = Assert.IsType<CreateChatRequest>(server.Chats.Requests[0]);
        Assert.Equal(("gemini-x", "Be brief."), (create.Model, create.Config.SystemInstruction.Parts[0].Text));
        Assert.Equal([("user", "One and one?"), ("model", "Two.")], create.History.Select(c => (c.Role, c.Parts[0].Text)));
        var send = Assert.IsType<SendMessageRequest>(server.Chats.Requests[1]);
        Assert.Equal(("chats/made", "user"), (send.Name, send.Message.Role));
        Assert.Equal(["Two and two?", "Quick!"], send.Message.Parts.Select(p => p.Text));
        Assert.Null(send.Config);
    }

    [Fact]
    public async Task GetResponse_Conversation_SendsNewMessages()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(Answered(new Part { Text = "Yes." })));

        var response = await server.Client().AsIChatClient("gemini-x")
            .GetResponseAsync("Sure?", new ChatOptions { ConversationId = "old", Temperature = 0.2f, Instructions = "Think." });

        Assert.Equal("old", response.ConversationId);
        var send = Assert.IsType<SendMessageRequest>(Assert.Single(server.Chats.Requests));
        Assert.Equal(("chats/old", SendMessageRequest.Types.ConfigMode.Merge), (send.Name, send.ConfigMode));
        Assert.Equal((0.2, "Think."), (send.Config.Temperature, send.Config.SystemInstruction.Parts[0].Text));
    }

    [Fact]
    public async Task GetResponse_ConversationAndMessageOfTheAssistant_Throws()
    {
        await using var server = await ScriptedServer.StartAsync();
        ChatMessage[] messages = [new(ChatRole.Assistant, "I said."), new(ChatRole.User, "You said.")];

        await Assert.ThrowsAsync<ArgumentException>(
            () => server.Client().AsIChatClient("gemini-x").GetResponseAsync(messages, new ChatOptions { ConversationId = "old" }));
        Assert.Empty(server.Chats.Methods);
    }

    [Fact]
    public async Task GetResponse_Options_BecomeTheConfig()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(Answered(new Part { Text = "{}" })));
        var options = new ChatOptions
        {
            ConversationId = "c",
            Temperature = 0.7f,
            TopP = 0.9f,
            TopK = 40,
            MaxOutputTokens = 100,
            PresencePenalty = 0.1f,
            FrequencyPenalty = 0.3f,
            Seed = 42,
            StopSequences = ["END"],
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"type":"object"}""")),
            Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low, Output = ReasoningOutput.Summary },
            ToolMode = ChatToolMode.RequireSpecific("weather"),
            Tools = [AIFunctionFactory.Create(Weather, "weather"), AIFunctionFactory.Create(() => 1, "now"), new HostedWebSearchTool()],
            RawRepresentationFactory = _ => new GenerateContentConfig { ServiceTier = "flex" },
        };
        var before = JsonSerializer.Serialize(options.StopSequences);

        await server.Client().AsIChatClient("gemini-x").GetResponseAsync("go", options);

        var config = ((SendMessageRequest)server.Chats.Requests[0]).Config;
        Assert.Equal((0.7, 0.9, 40.0, 100), (config.Temperature, config.TopP, config.TopK, config.MaxOutputTokens));
        Assert.Equal((0.1, 0.3, 42, "flex"), (config.PresencePenalty, config.FrequencyPenalty, config.Seed, config.ServiceTier));
        Assert.Equal(["END"], config.StopSequences);
        Assert.Equal(("application/json", "object"), (config.ResponseMimeType, config.ResponseJsonSchema.StructValue.Fields["type"].StringValue));
        Assert.Equal((true, "LOW"), (config.ThinkingConfig.IncludeThoughts, config.ThinkingConfig.ThinkingLevel));
        Assert.Equal("ANY", config.ToolConfig.FunctionCallingConfig.Mode);
        Assert.Equal(["weather"], config.ToolConfig.FunctionCallingConfig.AllowedFunctionNames);
        Assert.NotNull(config.Tools[0].GoogleSearch);
        Assert.Collection(
            config.Tools[1].FunctionDeclarations,
            weather =>
            {
                Assert.Equal(("weather", "The weather of a city."), (weather.Name, weather.Description));
                Assert.Equal("string", weather.ParametersJsonSchema.StructValue.Fields["properties"].StructValue.Fields["city"].StructValue.Fields["type"].StringValue);
            },
            now => Assert.Null(now.ParametersJsonSchema));
        Assert.Equal(before, JsonSerializer.Serialize(options.StopSequences));
    }

    [Fact]
    public async Task GetResponse_PartsOfAllTypes_AreMapped()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(Answered(
            new Part { Text = "Hm.", Thought = true, ThoughtSignature = "c2ln" },
            new Part { Text = "See:" },
            new Part { InlineData = new Blob { MimeType = "image/png", Data = Google.Protobuf.ByteString.CopyFrom(1, 2) } },
            new Part { FileData = new FileData { MimeType = "text/plain", FileUri = "https://example.com/a" } },
            new Part { FunctionCall = Call("weather", "7", ("city", Value.ForString("Oslo"))) },
            new Part { FunctionCall = Call("weather", null) },
            new Part { ExecutableCode = new ExecutableCode { Language = "PYTHON", Code = "1" } })));

        var response = await server.Client().AsIChatClient("gemini-x").GetResponseAsync("go", new ChatOptions { ConversationId = "c" });

        Assert.Equal((ChatFinishReason.ToolCalls, "scripted-1"), (response.FinishReason, response.ModelId));
        Assert.Equal((5L, 9L, 14L, 2L), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount, response.Usage.ReasoningTokenCount));
        Assert.Collection(
            Assert.Single(response.Messages).Contents,
            c => Assert.Equal(("Hm.", "c2ln"), (Assert.IsType<TextReasoningContent>(c).Text, ((TextReasoningContent)c).ProtectedData)),
            c => Assert.Equal("See:", Assert.IsType<TextContent>(c).Text),
            c => Assert.Equal(new byte[] { 1, 2 }, Assert.IsType<DataContent>(c).Data.ToArray()),
            c => Assert.Equal("https://example.com/a", Assert.IsType<UriContent>(c).Uri.AbsoluteUri),
            c => Assert.Equal(("weather/7", "Oslo"), (Assert.IsType<FunctionCallContent>(c).CallId, $"{((FunctionCallContent)c).Arguments!["city"]}")),
            c => Assert.Equal("weather/#5", Assert.IsType<FunctionCallContent>(c).CallId),
            c => Assert.Equal("1", Assert.IsType<Part>(c.RawRepresentation).ExecutableCode.Code));
    }

    [Fact]
    public async Task GetStreamingResponse_Chunks_BecomeUpdatesAndTheLastUsage()
    {
        await using var server = await ScriptedServer.StartAsync();
        var first = Events.Chunk("", new Part { Text = "one " });
        var second = Events.Chunk("STOP", new Part { Text = "two" });
        (first.UsageMetadata, second.UsageMetadata) = (Usage(1), Usage(2));
        server.Chats.Enqueue(Created, Stream(Events.Attempt(1, first, second)));

        var updates = await server.Client().AsIChatClient("gemini-x").GetStreamingResponseAsync("go").ToListAsync();

        Assert.Equal(["one ", "two", ""], updates.Select(u => u.Text));
        Assert.Equal([null, ChatFinishReason.Stop, null], updates.Select(u => u.FinishReason));
        Assert.All(updates, u => Assert.Equal(("made", Events.TurnId, ChatRole.Assistant), (u.ConversationId, u.ResponseId, u.Role)));
        var whole = updates.ToChatResponse();
        Assert.Equal(("one two", "made", 2L), (whole.Text, whole.ConversationId, whole.Usage!.OutputTokenCount));
        Assert.Single(whole.Messages);
    }

    [Fact]
    public async Task GetResponse_FunctionResults_HaveNameAndId()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Chats.Enqueue(Reply(Answered(new Part { Text = "ok" })));
        ChatMessage results = new(
            ChatRole.Tool,
            [
                new FunctionResultContent("weather/7", new { Sky = "blue" }),
                new FunctionResultContent("weather/#5", "grey"),
                new FunctionResultContent("now/8", "Error: it broke.") { Exception = new InvalidOperationException("it broke") },
            ]);

        await server.Client().AsIChatClient("gemini-x").GetResponseAsync([results], new ChatOptions { ConversationId = "c" });

        var parts = ((SendMessageRequest)server.Chats.Requests[0]).Message.Parts.Select(p => p.FunctionResponse).ToList();
        Assert.Equal([("weather", "7"), ("weather", ""), ("now", "8")], parts.Select(p => (p.Name, p.Id)));
        Assert.False(parts[1].HasId);
        Assert.Equal("blue", parts[0].Response.Fields["sky"].StringValue);
        Assert.Equal("grey", parts[1].Response.Fields["output"].StringValue);
        Assert.Equal("Error: it broke.", parts[2].Response.Fields["error"].StringValue);
    }

    [Fact]
    public async Task GetService_KnownType_ReturnsIt()
    {
        await using var server = await ScriptedServer.StartAsync();
        var chats = server.Client();
        using var client = chats.AsIChatClient("gemini-x");

        Assert.Equal(("genai.chats", "gemini-x", server.Address), (client.GetService<ChatClientMetadata>() is { } m ? (m.ProviderName, m.DefaultModelId, m.ProviderUri) : default));
        Assert.Same(chats, client.GetService<ChatsClient>());
        Assert.Same(client, client.GetService<IChatClient>());
        Assert.Null(client.GetService<string>());
        Assert.Null(client.GetService<IChatClient>("key"));
    }

    [Description("The weather of a city.")]
    private static string Weather(string city) => $"Sunny in {city}.";

    private static FunctionCall Call(string name, string? id, params (string Key, Value Value)[] args)
    {
        var call = new FunctionCall { Name = name, Args = new Struct { Fields = { args.ToDictionary(a => a.Key, a => a.Value) } } };
        if (id is not null)
        {
            call.Id = id;
        }

        return call;
    }

    private static UsageMetadata Usage(int answer) => new() { PromptTokenCount = 5, CandidatesTokenCount = answer, TotalTokenCount = 5 + answer };

    private static SendMessageResponse Answered(params Part[] parts)
    {
        var response = Events.Chunk("STOP", parts);
        response.ModelVersion = "scripted-1";
        response.UsageMetadata = new UsageMetadata { PromptTokenCount = 5, CandidatesTokenCount = 7, ThoughtsTokenCount = 2, TotalTokenCount = 14 };
        return new SendMessageResponse { Response = response, Turn = new Turn { TurnId = "t", State = Turn.Types.State.Completed } };
    }
}
