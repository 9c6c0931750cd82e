using System.ClientModel;
using System.Text;
using System.Text.Json;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using GenAI.Chats.V1;
using OpenAI;
using OpenAI.Chat;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.OpenAi;

/// <summary>OpenAI's own library for .NET takes the scripted server for the API, and sees what this project's model sees.</summary>
public sealed class PublishedClientTests : IAsyncLifetime
{
    private OpenAiFixture _openAi = null!;
    private ChatClient _published = null!;

    public static TheoryData<string> Conversations => new() { "text", "length", "filter", "calls", "thinking" };

    public async Task InitializeAsync()
    {
        _openAi = await OpenAiFixture.StartAsync();
        var options = new OpenAIClientOptions { Endpoint = _openAi.Server.ApiUrl, RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0) };
        _published = new ChatClient("gpt-5", new ApiKeyCredential("k"), options);
    }

    public async Task DisposeAsync() => await _openAi.DisposeAsync();

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task GenerateAsync_Unary_SeesWhatThePublishedClientSees(string conversation)
    {
        var reply = Unary(conversation);
        _openAi.Server.Enqueue(reply, reply);

        ChatCompletion expected = await _published.CompleteChatAsync("q");
        var actual = Assert.Single(await _openAi.Model.CallAsync(Ask("q", stream: false)));

        var calls = expected.ToolCalls.Select(call => (call.Id, call.FunctionName, Compact(call.FunctionArguments.ToString())));
        AssertSame(string.Concat(expected.Content.Select(part => part.Text)), calls, expected.FinishReason, expected.Usage, (expected.Id, expected.Model), actual);
    }

    [Theory]
    [MemberData(nameof(Conversations))]
    public async Task GenerateAsync_Stream_SeesWhatThePublishedClientSees(string conversation)
    {
        var reply = Streamed(conversation);
        _openAi.Server.Enqueue(reply, reply);
        var text = new StringBuilder();
        var calls = new SortedDictionary<int, (string Id, string Name, StringBuilder Arguments)>();
        ChatFinishReason? reason = null;
        ChatTokenUsage? usage = null;
        (string, string) names = default;
        await foreach (var update in _published.CompleteChatStreamingAsync("q"))
        {
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            foreach (var piece in update.ToolCallUpdates)
            {
                var call = calls.TryGetValue(piece.Index, out var known) ? known : (Id: piece.ToolCallId, Name: piece.FunctionName, Arguments: new StringBuilder());
                call.Arguments.Append(piece.FunctionArgumentsUpdate);
                calls[piece.Index] = call;
            }

            reason ??= update.FinishReason;
            usage ??= update.Usage;
            names = (update.CompletionId, update.Model);
        }

        var actual = ResponseMerger.Merge(await _openAi.Model.CallAsync(Ask("q")));

        AssertSame(text.ToString(), calls.Values.Select(call => (call.Id, call.Name, Compact(call.Arguments.ToString()))), reason, usage, names, actual);
    }

    [Fact]
    public async Task GenerateAsync_Error_IsTheOneThatThePublishedClientSees()
    {
        var reply = OpenAiReply.Error(429, "tokens", "Slow down.", "rate_limit_exceeded");
        reply.Headers["Retry-After"] = "7";
        _openAi.Server.Enqueue(reply, reply);

        var expected = await Assert.ThrowsAsync<ClientResultException>(() => _published.CompleteChatAsync("q"));
        var actual = await Assert.ThrowsAsync<ModelException>(() => _openAi.Model.CallAsync(Ask("q", stream: false)));

        Assert.Equal((429, Google.Rpc.Code.ResourceExhausted), (expected.Status, actual.Code));
        Assert.Contains(actual.Message, expected.Message);
        Assert.True(expected.GetRawResponse()!.Headers.TryGetValue("Retry-After", out var delay));
        Assert.Equal(TimeSpan.FromSeconds(int.Parse(delay!)), actual.RetryDelay);
    }

    [Fact]
    public async Task GenerateAsync_Request_IsTheOneThatThePublishedClientSends()
    {
        _openAi.Server.Always(_ => true, OpenAiReply.Text("a"));
        var tool = ChatTool.CreateFunctionTool("f", "d", BinaryData.FromString("""{"type":"object","properties":{"x":{"type":"integer"}}}"""));
        await _published.CompleteChatAsync(
            [
                ChatMessage.CreateSystemMessage("Be brief."),
                ChatMessage.CreateUserMessage("q"),
                new AssistantChatMessage([ChatToolCall.CreateFunctionToolCall("c1", "f", BinaryData.FromString("""{"x":1}"""))]),
                ChatMessage.CreateToolMessage("c1", """{"output":"one"}"""),
                ChatMessage.CreateUserMessage(
                    ChatMessageContentPart.CreateTextPart("and this?"),
                    ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes((byte[])[1, 2]), "image/png")),
            ],
            new ChatCompletionOptions
            {
                Temperature = 0.5f,
                TopP = 0.25f,
                StopSequences = { "x" },
                Tools = { tool },
                ToolChoice = ChatToolChoice.CreateRequiredChoice(),
                ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("response", BinaryData.FromString("""{"type":"object"}""")),
            });
        var config = Google.Protobuf.JsonParser.Default.Parse<GenerateContentConfig>("""
            {"systemInstruction":{"parts":[{"text":"Be brief."}]},"temperature":0.5,"topP":0.25,"stopSequences":["x"],"responseMimeType":"application/json","responseJsonSchema":{"type":"object"},
             "tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"OBJECT","properties":{"x":{"type":"INTEGER"}}}}]}],
             "toolConfig":{"functionCallingConfig":{"mode":"ANY"}}}
            """);
        var call = Google.Protobuf.JsonParser.Default.Parse<Content>("""{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{"x":1}}}]}""");
        var result = Google.Protobuf.JsonParser.Default.Parse<Content>("""{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":{"output":"one"}}}]}""");
        var message = Google.Protobuf.JsonParser.Default.Parse<Content>("""{"role":"user","parts":[{"text":"and this?"},{"inlineData":{"mimeType":"image/png","data":"AQI="}}]}""");
        await _openAi.Model.CallAsync(Ask([message], stream: false, config, "gpt-5", [User("q"), call, result]));

        var (expected, actual) = (Members(_openAi.Server.Requests[0]), Members(_openAi.Server.Requests[1]));
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(expected, member => Assert.Equal(member.Value, actual[member.Key]));
    }

    // The library writes an assistant's message without content where this project writes null: both are the API's.
    private static Dictionary<string, string> Members(RecordedRequest request) => request.Body.EnumerateObject()
        .ToDictionary(member => member.Name, member => Canonical(System.Text.Json.Nodes.JsonNode.Parse(member.Value.GetRawText())));

    private static string Canonical(System.Text.Json.Nodes.JsonNode? node) => node switch
    {
        System.Text.Json.Nodes.JsonObject members => "{" + string.Join(",", members.Where(member => member.Value is not null)
            .OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => $"\"{member.Key}\":{Canonical(member.Value)}")) + "}",
        System.Text.Json.Nodes.JsonArray items => "[" + string.Join(",", items.Select(Canonical)) + "]",
        null => "null",
        _ => node.ToJsonString(),
    };

    private static void AssertSame(
        string text, IEnumerable<(string, string, string)> calls, ChatFinishReason? reason, ChatTokenUsage? usage, (string, string) names, GenerateContentResponse actual)
    {
        var candidate = Assert.Single(actual.Candidates);
        var parts = candidate.Content?.Parts.ToList() ?? [];
        Assert.Equal(text, string.Concat(parts.Where(part => !part.Thought).Select(part => part.Text)));
        Assert.Equal(calls, parts.Where(part => part.FunctionCall is not null).Select(part =>
            (part.FunctionCall.Id, part.FunctionCall.Name, Compact(Encoding.UTF8.GetString(Models.Json.RestJson.Write(part.FunctionCall.Args))))));
        Assert.Equal(
            reason switch { ChatFinishReason.Length => "MAX_TOKENS", ChatFinishReason.ContentFilter => "SAFETY", _ => "STOP" }, candidate.FinishReason);
        Assert.Equal(
            (usage!.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount),
            (actual.UsageMetadata.PromptTokenCount, actual.UsageMetadata.CandidatesTokenCount + actual.UsageMetadata.ThoughtsTokenCount, actual.UsageMetadata.TotalTokenCount));
        Assert.Equal(names, (actual.ResponseId, actual.ModelVersion));
    }

    private static string Compact(string json) => json.Length == 0 ? "{}" : JsonSerializer.Serialize(JsonDocument.Parse(json));

    private static ScriptedReply Unary(string conversation)
    {
        var (message, reason, usage) = Script(conversation);
        return OpenAiReply.Completion(System.Text.Json.Nodes.JsonNode.Parse(message[0])!.AsObject(), reason, usage);
    }

    private static ScriptedReply Streamed(string conversation)
    {
        var (message, reason, usage) = Script(conversation);
        return OpenAiReply.StreamOf([.. message.Skip(1)], reason, usage);
    }

    // The whole message, then its deltas.
    private static (string[] Message, string Reason, string Usage) Script(string conversation) => conversation switch
    {
        "calls" => (
            [
                """{"role":"assistant","content":"so","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]}""",
                """{"role":"assistant","content":"so"}""",
                """{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\""}}]}""",
                """{"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":"{"}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":":1}"}},{"index":1,"function":{"arguments":"}"}}]}""",
            ],
            "tool_calls",
            """{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}"""),
        "thinking" => (
            ["""{"role":"assistant","content":"hi there"}""", """{"role":"assistant","content":"hi "}""", """{"content":"there"}"""],
            "stop",
            """{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12,"completion_tokens_details":{"reasoning_tokens":4},"prompt_tokens_details":{"cached_tokens":2}}"""),
        _ => (
            ["""{"role":"assistant","content":"Grüße 🎉"}""", """{"role":"assistant","content":"Grüße "}""", """{"content":"🎉"}"""],
            conversation switch { "length" => "length", "filter" => "content_filter", _ => "stop" },
            """{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}"""),
    };
}
