using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.Models.Responses;
using GenAI.Chats.Models.Tests.Calls.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Rpc;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using OpenAI;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.ChatClients;

public sealed class ChatClientTests : IDisposable
{
    private readonly ScriptedChatClient _client = new();

    /// <summary>What a client throws, and what that is.</summary>
    public static TheoryData<Exception, Code, string> Failures => new()
    {
        { new HttpRequestException("secret", null, HttpStatusCode.TooManyRequests), Code.ResourceExhausted, ModelErrorReasons.QuotaExceeded },
        { new HttpRequestException("secret"), Code.Unavailable, ModelErrorReasons.Unavailable },
        { new TimeoutException("secret"), Code.DeadlineExceeded, ModelErrorReasons.Timeout },
        { new TaskCanceledException("secret"), Code.DeadlineExceeded, ModelErrorReasons.Timeout },
        { new NotSupportedException("secret"), Code.InvalidArgument, ModelErrorReasons.InvalidRequest },
        { new InvalidOperationException("secret"), Code.Unavailable, ModelErrorReasons.Unavailable },
        { new ModelException(Code.NotFound, "OWN", "own"), Code.NotFound, "OWN" },
    };

    /// <summary>What no client has a place for, beyond what OpenAI's API has none for.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { """{"safetySettings":[{"category":"c"}]}""", "config.safety_settings isn't supported by provider 'mine'." },
        { """{"responseLogprobs":true}""", "config.response_logprobs isn't supported" },
        { """{"logprobs":1}""", "config.logprobs isn't supported" },
        { """{"serviceTier":"flex"}""", "config.service_tier isn't supported" },
        { """{"store":true}""", "config.store isn't supported" },
        { """{"candidateCount":2}""", "config.candidate_count is 2" },
        { """{"topK":1.5}""", "config.top_k is 1.5" },
        { """{"thinkingConfig":{"thinkingLevel":"MINIMAL"}}""", "config.thinking_config.thinking_level is 'MINIMAL'" },
        { """{"httpOptions":{"extraBody":{"a":1}}}""", "config.http_options.extra_body isn't supported" },
        { """{"tools":[{"codeExecution":{}}]}""", "config.tools[0].code_execution isn't supported" },
    };

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task GenerateAsync_Options_CarryTheConfig()
    {
        var config = JsonParser.Default.Parse<GenerateContentConfig>("""
            {"systemInstruction":{"parts":[{"text":"Be brief."},{"text":"Be kind."}]},"temperature":0.5,"topP":0.25,"topK":40,"candidateCount":1,"maxOutputTokens":7,
             "stopSequences":["x"],"presencePenalty":0.5,"frequencyPenalty":-0.5,"seed":3,"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true},
             "responseMimeType":"application/json","responseSchema":{"type":"OBJECT"},
             "tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"OBJECT"},"responseJsonSchema":{"type":"string"}},{"name":"g"},{"name":"h"}]}],
             "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f","g"]}}}
            """);

        await AskAsync(Ask("q", config: config));

        var options = _client.Asked.Options!;
        Assert.Equal(
            ("mine-1", "Be brief.\n\nBe kind.", 0.5f, 0.25f, 40, 7, 0.5f, -0.5f, 3L),
            (options.ModelId, options.Instructions, options.Temperature, options.TopP, options.TopK, options.MaxOutputTokens, options.PresencePenalty, options.FrequencyPenalty, options.Seed));
        Assert.Equal(["x"], options.StopSequences);
        Assert.Equal((ReasoningEffort.Low, ReasoningOutput.Full), (options.Reasoning!.Effort, options.Reasoning.Output));
        Assert.Equal("""{"type":"object"}""", Assert.IsType<ChatResponseFormatJson>(options.ResponseFormat).Schema!.Value.GetRawText());
        Assert.Equal(ChatToolMode.RequireAny, options.ToolMode);
        var functions = options.Tools!.Cast<AIFunctionDeclaration>().ToList();
        Assert.Equal([("f", "d"), ("g", "")], functions.Select(function => (function.Name, function.Description)));
        Assert.Equal(("""{"type":"object"}""", """{"type":"string"}"""), (functions[0].JsonSchema.GetRawText(), functions[0].ReturnJsonSchema!.Value.GetRawText()));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task GenerateAsync_FieldWithoutAPlace_IsRefusedByName(string config, string message)
    {
        var parsed = JsonParser.Default.Parse<GenerateContentConfig>(config);
        await using var host = Host();

        var early = Assert.Throws<ModelException>(() => host["mine-1"].Check(parsed, []));
        var exception = await Assert.ThrowsAsync<ModelException>(() => host["mine-1"].CallAsync(Ask("q", config: parsed)));

        Assert.Equal(Code.InvalidArgument, exception.Code);
        Assert.StartsWith(message, exception.Message);
        Assert.Equal(exception.Message, early.Message);
    }

    [Fact]
    public async Task GenerateAsync_Contents_BecomeMessages()
    {
        var model = JsonParser.Default.Parse<Content>(
            """{"role":"model","parts":[{"text":"hm","thought":true},{"text":"so"},{"functionCall":{"name":"f","args":{"x":[1]}},"thoughtSignature":"s"}]}""");
        var user = JsonParser.Default.Parse<Content>(
            """{"parts":[{"text":"and"},{"inlineData":{"mimeType":"video/mp4","data":"AQI="}},{"fileData":{"mimeType":"image/png","fileUri":"https://h/a.png"}},{"functionResponse":{"name":"f","response":{"output":1}}}]}""");

        await AskAsync(Ask([user], history: [User("q"), model]));

        var messages = _client.Asked.Messages;
        Assert.Equal(
            [ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.User], messages.Select(message => message.Role));
        Assert.Equal("so", messages[1].Text);
        var call = Assert.IsType<FunctionCallContent>(messages[1].Contents[1]);
        Assert.Equal(("call_1", "f", "[1]"), (call.CallId, call.Name, ((JsonElement)call.Arguments!["x"]!).GetRawText()));
        var result = Assert.IsType<FunctionResultContent>(Assert.Single(messages[2].Contents));
        Assert.Equal(("call_1", """{"output":1}"""), (result.CallId, ((JsonElement)result.Result!).GetRawText()));
        Assert.Equal("video/mp4", Assert.IsType<DataContent>(messages[3].Contents[1]).MediaType);
        Assert.Equal("https://h/a.png", Assert.IsType<UriContent>(messages[3].Contents[2]).Uri.ToString());
    }

    [Fact]
    public async Task GenerateAsync_Updates_BecomeChunks()
    {
        var arguments = new Dictionary<string, object?> { ["x"] = JsonSerializer.SerializeToElement(1), ["y"] = "two" };
        _client.Updates.AddRange(
        [
            new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent("hm")]) { ResponseId = "r1", ModelId = "m1" },
            new ChatResponseUpdate(ChatRole.Assistant, "one "),
            new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("two"), new FunctionCallContent("c1", "f", arguments)]),
            new ChatResponseUpdate(ChatRole.Assistant, [new DataContent((byte[])[1, 2], "image/png"), new UriContent("https://h/a.png", "image/png")]),
            new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails
            {
                InputTokenCount = 10, OutputTokenCount = 9, TotalTokenCount = 9_999_999_999, ReasoningTokenCount = 7, CachedInputTokenCount = 4,
            })]) { FinishReason = ChatFinishReason.ToolCalls },
        ]);

        var (chunks, response) = await AskAsync(Ask("q"));

        const string Parts = """{"text":"hm","thought":true},{"text":"one two"},{"inlineData":{"mimeType":"image/png","data":"AQI="}},{"fileData":{"mimeType":"image/png","fileUri":"https://h/a.png"}},{"functionCall":{"id":"c1","name":"f","args":{"x":1,"y":"two"}}}""";
        const string Expected = $$$"""
            {"candidates":[{"content":{"role":"model","parts":[{{{Parts}}}]},"finishReason":"STOP"}],
             "usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"totalTokenCount":2147483647,"thoughtsTokenCount":7,"cachedContentTokenCount":4},
             "modelVersion":"m1","responseId":"r1"}
            """;
        AssertJson(Expected, ResponseMerger.Merge(chunks));
        AssertJson(Expected, response);
        Assert.Equal(["hm", "one ", "two"], chunks.Take(3).Select(chunk => chunk.TextOf()));
    }

    [Theory]
    [InlineData(null, "STOP")]
    [InlineData("stop", "STOP")]
    [InlineData("length", "MAX_TOKENS")]
    [InlineData("content_filter", "SAFETY")]
    [InlineData("tired", "OTHER")]
    public async Task GenerateAsync_FinishReason_IsMapped(string? reason, string expected)
    {
        _client.Updates.Add(new ChatResponseUpdate(ChatRole.Assistant, "a") { FinishReason = reason is null ? null : new ChatFinishReason(reason) });

        var (_, response) = await AskAsync(Ask("q"));

        Assert.Equal(expected, response.Candidates.Single().FinishReason);
    }

    [Fact]
    public async Task GenerateAsync_CallsThatTheClientRunsItself_StayItsOwn()
    {
        _client.Updates.AddRange(
        [
            new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("c1", "f"), new FunctionCallContent("c2", "g")]) { FinishReason = ChatFinishReason.ToolCalls },
            new ChatResponseUpdate(ChatRole.Tool, [new FunctionResultContent("c1", "one")]),
            new ChatResponseUpdate(ChatRole.Assistant, "done") { FinishReason = ChatFinishReason.Stop },
        ]);

        var (_, response) = await AskAsync(Ask("q"));

        var parts = response.Candidates.Single().Content.Parts;
        Assert.Equal(["done", ""], parts.Select(part => part.Text));
        Assert.Equal("g", parts[1].FunctionCall.Name);
    }

    [Fact]
    public async Task GenerateAsync_CallThatCannotBeRead_IsMalformed()
    {
        _client.Updates.Add(new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("c1", "f") { Exception = new JsonException() }]));

        var candidate = (await AskAsync(Ask("q"))).Response.Candidates.Single();

        Assert.Equal(("MALFORMED_FUNCTION_CALL", null), (candidate.FinishReason, candidate.Content));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task GenerateAsync_Failure_IsMappedWithoutItsText(Exception failure, Code code, string reason)
    {
        _client.Failure = failure;
        await using var host = Host();

        foreach (var stream in (bool[])[true, false])
        {
            var exception = await Assert.ThrowsAsync<ModelException>(() => host["mine-1"].CallAsync(Ask("q", stream)));
            Assert.Equal((code, reason), (exception.Code, exception.Reason));
            Assert.DoesNotContain("secret", exception.ToString());
        }
    }

    [Fact]
    public async Task GenerateAsync_LongerThanTheTimeout_IsDeadlineExceeded()
    {
        var time = new ManualTimeProvider();
        _client.Hangs = true;
        _client.Updates.Add(new ChatResponseUpdate(ChatRole.Assistant, "a"));
        await using var host = Host(services => services.AddSingleton<TimeProvider>(time), ("Models:Routes:0:Timeout", "00:00:05"));
        await using var responses = host["mine-1"].GenerateAsync(Ask("q"), CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await responses.MoveNextAsync());
        var next = responses.MoveNextAsync().AsTask();

        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(ModelErrorReasons.Timeout, (await Assert.ThrowsAsync<ModelException>(() => next)).Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GenerateAsync_ClientIgnoresTheTimeout_IsDeadlineExceeded(bool stream)
    {
        var time = new ManualTimeProvider();
        var gate = new TaskCompletionSource();
        _client.Ignores = gate.Task;
        await using var host = Host(services => services.AddSingleton<TimeProvider>(time), ("Models:Routes:0:Timeout", "00:00:05"), ("Models:Routes:0:Retry:MaxAttempts", "1"));
        var calling = host["mine-1"].CallAsync(Ask("q", stream));
        await time.WaitForTimerAsync(TimeSpan.FromSeconds(5));

        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(ModelErrorReasons.Timeout, (await Assert.ThrowsAsync<ModelException>(() => calling.WaitAsync(Patience.Limit))).Reason);
        gate.SetResult();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GenerateAsync_ClientIgnoresTheCancellation_EndsTheCall(bool stream)
    {
        using var cancellation = new CancellationTokenSource();
        _client.Ignores = new TaskCompletionSource().Task;
        await using var host = Host();
        var calling = host["mine-1"].CallAsync(Ask("q", stream), cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling.WaitAsync(Patience.Limit));
    }

    [Fact]
    public async Task GenerateAsync_Cancelled_EndsTheCall()
    {
        using var cancellation = new CancellationTokenSource();
        _client.Hangs = true;
        await using var host = Host();
        var call = host["mine-1"].CallAsync(Ask("q"), cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task GenerateAsync_ClientOfALibrary_WorksOverHttp()
    {
        await using var server = await ScriptedOpenAiServer.StartAsync();
        var options = new OpenAIClientOptions { Endpoint = server.ApiUrl, RetryPolicy = new ClientRetryPolicy(0) };
        await using var host = ModelsHost.Build(
            services => services.AddChatClientModel("library", _ => new OpenAIClient(new ApiKeyCredential("secret-key"), options).GetChatClient("m").AsIChatClient()),
            ("Models:Routes:0:Name", "lib-*"), ("Models:Routes:0:Provider", "LIBRARY"));
        var refused = OpenAiReply.Error(429, "tokens", "with secret-key in it");
        refused.Headers["Retry-After"] = "7";
        server.Enqueue(OpenAiReply.StreamOfTexts("one ", "two"), OpenAiReply.Text("three"), refused);

        var chunks = await host["lib-1"].CallAsync(Ask("q", model: "lib-1"));
        var response = Assert.Single(await host["lib-1"].CallAsync(Ask("q", stream: false, model: "lib-1")));
        var exception = await Assert.ThrowsAsync<ModelException>(() => host["lib-1"].CallAsync(Ask("q", model: "lib-1")));

        Assert.Equal("one two", string.Concat(chunks.Select(chunk => chunk.TextOf())));
        Assert.Equal(("three", "STOP", 5), (response.TextOf(), response.Candidates[0].FinishReason, response.UsageMetadata.TotalTokenCount));
        Assert.Equal((Code.ResourceExhausted, TimeSpan.FromSeconds(7)), (exception.Code, exception.RetryDelay));
        Assert.DoesNotContain("secret-key", exception.ToString());
        Assert.Equal("lib-1", server.Requests[0].Body.GetProperty("model").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    public void AddChatClientModel_NameThatNoRouteCanHave_IsRefused(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => new ServiceCollection().AddChatClientModel(name, _ => _client));

    private static void AssertJson(string expected, IMessage actual)
    {
        var json = Encoding.UTF8.GetString(RestJson.Write(actual));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(json)), json);
    }

    private ModelsHost Host(Action<IServiceCollection>? more = null, params (string Key, string? Value)[] settings) => ModelsHost.Build(
        services =>
        {
            services.AddChatClientModel("mine", _ => _client);
            more?.Invoke(services);
        },
        [("Models:Routes:0:Name", "mine-*"), ("Models:Routes:0:Provider", "mine"), .. settings]);

    private async Task<(List<GenerateContentResponse> Chunks, GenerateContentResponse Response)> AskAsync(ModelRequest request)
    {
        await using var host = Host();
        var chunks = await host["mine-1"].CallAsync(request with { Model = "mine-1", Stream = true });
        return (chunks, Assert.Single(await host["mine-1"].CallAsync(request with { Model = "mine-1", Stream = false })));
    }
}
