using System.Text.Json.Nodes;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.OpenAi;

public sealed class OpenAiRequestTests : IAsyncLifetime
{
    private OpenAiFixture _openAi = null!;

    /// <summary>Fields of the config that have a place, and the members that they become.</summary>
    public static TheoryData<string, string> Fields => new()
    {
        { """{"temperature":0}""", """{"temperature":0}""" },
        { """{"topP":0.5}""", """{"top_p":0.5}""" },
        { """{"candidateCount":2}""", """{"n":2}""" },
        { """{"maxOutputTokens":7}""", """{"max_tokens":7}""" },
        { """{"stopSequences":["a","b"]}""", """{"stop":["a","b"]}""" },
        { """{"seed":7}""", """{"seed":7}""" },
        { """{"presencePenalty":0.5,"frequencyPenalty":-0.5}""", """{"presence_penalty":0.5,"frequency_penalty":-0.5}""" },
        { """{"responseLogprobs":true,"logprobs":3}""", """{"logprobs":true,"top_logprobs":3}""" },
        { """{"serviceTier":"flex"}""", """{"service_tier":"flex"}""" },
        { """{"serviceTier":"standard"}""", """{"service_tier":"default"}""" },
        { """{"store":false}""", """{"store":false}""" },
        { """{"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}}""", """{"reasoning_effort":"low"}""" },
        { """{"responseMimeType":"text/plain","responseModalities":["TEXT"]}""", """{}""" },
        { """{"automaticFunctionCalling":{"disable":true},"automaticContinuation":false}""", """{}""" },
        { """{"responseMimeType":"application/json"}""", """{"response_format":{"type":"json_object"}}""" },
        {
            """{"responseMimeType":"application/json","responseJsonSchema":{"type":"object","x":[1]}}""",
            """{"response_format":{"type":"json_schema","json_schema":{"name":"response","schema":{"type":"object","x":[1]}}}}"""
        },
        {
            """{"responseMimeType":"application/json","responseSchema":{"type":"ARRAY","items":{"type":"STRING","nullable":true,"enum":["a"],"format":"enum"},"minItems":"1"}}""",
            """{"response_format":{"type":"json_schema","json_schema":{"name":"response","schema":{"type":"array","minItems":1,"items":{"type":["string","null"],"enum":["a",null]}}}}}"""
        },
        {
            """{"tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"OBJECT","properties":{"b":{"type":"INTEGER"},"a":{"type":"STRING"}},"propertyOrdering":["a","b"],"required":["a"]}},{"name":"g"}]}]}""",
            """{"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["a"]}}},{"type":"function","function":{"name":"g"}}]}"""
        },
        {
            """{"tools":[{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":{"type":"object"},"responseJsonSchema":{"type":"string"}}]}]}""",
            """{"tools":[{"type":"function","function":{"name":"f","description":"d\n\nIt returns JSON of this schema: {\"type\":\"string\"}","parameters":{"type":"object"}}}]}"""
        },
        { """{"toolConfig":{"functionCallingConfig":{"mode":"AUTO"}}}""", """{"tool_choice":"auto"}""" },
        { """{"toolConfig":{"functionCallingConfig":{"mode":"NONE"}}}""", """{"tool_choice":"none"}""" },
        {
            """{"tools":[{"functionDeclarations":[{"name":"f"},{"name":"g"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["g"]}}}""",
            """{"tools":[{"type":"function","function":{"name":"g"}}],"tool_choice":"required"}"""
        },
        { """{"topP":0.5,"httpOptions":{"timeout":5000,"extraBody":{"top_k":40,"logprobs":true,"x":{"y":1}}}}""", """{"top_p":0.5,"top_k":40,"logprobs":true,"x":{"y":1}}""" },
    };

    /// <summary>What has no place, and the name that the refusal gives.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { """{"topK":40}""", "config.top_k isn't supported by provider OpenAI." },
        { """{"httpOptions":{"extraBody":{"model":"gpt-huge"}}}""", "config.http_options.extra_body.model is set by the server and can't be replaced." },
        { """{"httpOptions":{"extraBody":{"Model":"gpt-huge"}}}""", "config.http_options.extra_body.Model is set" },
        { """{"httpOptions":{"extraBody":{"messages":[]}}}""", "config.http_options.extra_body.messages is set" },
        { """{"httpOptions":{"extraBody":{"stream":false}}}""", "config.http_options.extra_body.stream is set" },
        { """{"httpOptions":{"extraBody":{"stream_options":{"include_usage":false}}}}""", "config.http_options.extra_body.stream_options is set" },
        { """{"topP":0.5,"httpOptions":{"extraBody":{"top_p":1}}}""", "config.http_options.extra_body.top_p is set" },
        {
            """{"responseMimeType":"application/json","responseJsonSchema":{"type":"object"},"httpOptions":{"extraBody":{"response_format":{"json_schema":{"schema":{"type":"array"}}}}}}""",
            "config.http_options.extra_body.response_format.json_schema.schema.type is set"
        },
        { """{"routingConfig":{}}""", "config.routing_config isn't supported" },
        { """{"modelSelectionConfig":{}}""", "config.model_selection_config isn't supported" },
        { """{"safetySettings":[{"category":"c"}]}""", "config.safety_settings isn't supported" },
        { """{"labels":{"a":"b"}}""", "config.labels isn't supported" },
        { """{"cachedContent":"c"}""", "config.cached_content isn't supported" },
        { """{"responseModalities":["TEXT","AUDIO"]}""", "config.response_modalities contains 'AUDIO'" },
        { """{"mediaResolution":"MEDIA_RESOLUTION_LOW"}""", "config.media_resolution isn't supported" },
        { """{"speechConfig":{}}""", "config.speech_config isn't supported" },
        { """{"audioTimestamp":true}""", "config.audio_timestamp isn't supported" },
        { """{"thinkingConfig":{"thinkingBudget":0}}""", "config.thinking_config.thinking_budget isn't supported" },
        { """{"thinkingConfig":{"thinkingLevel":"HUGE"}}""", "config.thinking_config.thinking_level must be MINIMAL, LOW, MEDIUM, or HIGH (got 'HUGE')" },
        { """{"imageConfig":{}}""", "config.image_config isn't supported" },
        { """{"enableEnhancedCivicAnswers":true}""", "config.enable_enhanced_civic_answers isn't supported" },
        { """{"modelArmorConfig":{}}""", "config.model_armor_config isn't supported" },
        { """{"audioTranscriptionConfig":{}}""", "config.audio_transcription_config isn't supported" },
        { """{"continuationToken":"t"}""", "config.continuation_token isn't supported" },
        { """{"generationOutputConfig":{}}""", "config.generation_output_config isn't supported" },
        { """{"responseMimeType":"text/x.enum"}""", "config.response_mime_type is 'text/x.enum'" },
        { """{"responseSchema":{"type":"STRING"}}""", "config.response_schema requires response_mime_type" },
        { """{"systemInstruction":{"parts":[{"text":"a"},{"inlineData":{"mimeType":"image/png"}}]}}""", "config.system_instruction.parts[1] must be text" },
        { """{"tools":[{"googleSearch":{}}]}""", "config.tools[0].google_search isn't supported" },
        { """{"tools":[{"functionDeclarations":[{"name":"f"}]},{"codeExecution":{}}]}""", "config.tools[1].code_execution isn't supported" },
        { """{"tools":[{"functionDeclarations":[{"name":"f","behavior":"NON_BLOCKING"}]}]}""", "config.tools[0].function_declarations[0].behavior isn't supported" },
        { """{"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED"}}}""", "config.tool_config.function_calling_config.mode is 'VALIDATED'" },
        { """{"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}}}""", "config.tool_config.function_calling_config.allowed_function_names contains 'f'" },
        { """{"toolConfig":{"functionCallingConfig":{"streamFunctionCallArguments":true}}}""", "config.tool_config.function_calling_config.stream_function_call_arguments isn't supported" },
        { """{"toolConfig":{"retrievalConfig":{}}}""", "config.tool_config.retrieval_config isn't supported" },
        { """{"toolConfig":{"includeServerSideToolInvocations":true}}""", "config.tool_config.include_server_side_tool_invocations isn't supported" },
    };

    public async Task InitializeAsync()
    {
        _openAi = await OpenAiFixture.StartAsync();
        _openAi.Server.Always(_ => true, OpenAiReply.Text("a"));
    }

    public async Task DisposeAsync() => await _openAi.DisposeAsync();

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task GenerateAsync_FieldWithAPlace_IsSent(string config, string members)
    {
        var body = await SendAsync(Ask("q", stream: false, Config(config), "gpt-5"));

        var expected = JsonNode.Parse(members)!.AsObject();
        expected["model"] = "gpt-5";
        expected["messages"] = JsonNode.Parse("""[{"role":"user","content":"q"}]""");
        Assert.True(JsonNode.DeepEquals(expected, body), body.ToJsonString());
    }

    [Fact]
    public async Task GenerateAsync_OrderOfProperties_IsTheSchemasOwn()
    {
        var body = await SendAsync(Ask("q", stream: false, Config(
            """{"responseMimeType":"application/json","responseSchema":{"type":"OBJECT","properties":{"a":{},"b":{},"c":{}},"propertyOrdering":["c","a"]}}"""), "gpt-5"));

        Assert.Equal(["c", "a", "b"], body["response_format"]!["json_schema"]!["schema"]!["properties"]!.AsObject().Select(property => property.Key));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task GenerateAsync_FieldWithoutAPlace_IsRefusedByName(string config, string message)
    {
        var early = Assert.Throws<ModelException>(() => _openAi.Model.Check(Config(config), []));
        var exception = await Assert.ThrowsAsync<ModelException>(() => _openAi.Model.CallAsync(Ask("q", config: Config(config))));

        Assert.Equal((Code.InvalidArgument, ModelErrorReasons.InvalidRequest), (exception.Code, exception.Reason));
        Assert.StartsWith(message, exception.Message);
        Assert.Equal(exception.Message, early.Message);
        Assert.Empty(_openAi.Server.Requests);
    }

    [Fact]
    public void TheTablesOfFields_AreComplete() => Assert.Equal(
        GenerateContentConfig.Descriptor.Fields.InDeclarationOrder().Select(field => field.JsonName).Where(name => name != "systemInstruction").Order(),
        Fields.Concat(Refused).SelectMany(row => JsonNode.Parse((string)row[0])!.AsObject().Select(member => member.Key))
            .Where(name => name != "systemInstruction").Distinct().Order());

    [Theory]
    [InlineData("https://api.openai.com/v1", true)]
    [InlineData("https://mine.openai.azure.com/openai/v1", true)]
    [InlineData("http://localhost:8000/v1", false)]
    [InlineData("https://notopenai.com/v1", false)]
    public void IsOpenAisOwn_ByItsAddress(string baseUrl, bool own) =>
        Assert.Equal(own, new Models.OpenAi.OpenAiServer(new Uri(baseUrl)).IsOpenAisOwn);

    [Fact]
    public async Task GenerateAsync_Stream_AsksForUsage()
    {
        await using var openAi = await OpenAiFixture.StartAsync();
        openAi.Server.Enqueue(OpenAiReply.StreamOfTexts("a"));

        await openAi.Model.CallAsync(Ask("q", model: "gpt-5"));

        var request = Assert.Single(openAi.Server.Requests);
        Assert.Equal(
            """{"model":"gpt-5","messages":[{"role":"user","content":"q"}],"stream":true,"stream_options":{"include_usage":true}}""",
            request.Body.GetRawText());
        Assert.Equal(("/v1/chat/completions", $"Bearer {OpenAiFixture.Key}"), (request.Path, request.Headers["Authorization"]));
        Assert.Matches(@"^genai-orleans/\d+\.\d+\.\d+ gl-dotnet/", request.Headers["User-Agent"]);
    }

    [Fact]
    public async Task GenerateAsync_Azure_HasItsHeaderAndVersion()
    {
        await using var openAi = await OpenAiFixture.StartAsync(
            ("Models:Routes:0:Name", "*"), ("Models:Routes:0:Provider", "openai"), ("Models:Routes:0:Key", "azure-key"),
            ("Models:Routes:0:KeyHeader", "api-key"), ("Models:Routes:0:ApiVersion", "2024-10-21"));
        openAi.Server.Enqueue(OpenAiReply.Text("a"));

        await openAi.Model.CallAsync(Ask("q", stream: false));

        var request = Assert.Single(openAi.Server.Requests);
        Assert.Equal(("/v1/chat/completions?api-version=2024-10-21", "azure-key"), (request.Path, request.Headers["api-key"]));
        Assert.DoesNotContain("Authorization", request.Headers);
    }

    [Fact]
    public async Task GenerateAsync_ServerOfOnesOwn_NeedsNoKeyAndGetsNoOther()
    {
        await using var openAi = await OpenAiFixture.StartAsync();
        await using var host = ModelsHost.Build(
            ("OPENAI_API_KEY", "for-openai-only"),
            ("Models:Routes:0:Name", "*"), ("Models:Routes:0:Provider", "openai"), ("Models:Routes:0:BaseUrl", openAi.Server.ApiUrl.ToString()));
        openAi.Server.Enqueue(OpenAiReply.Text("a"));

        await host["llama"].CallAsync(Ask("q", stream: false));

        Assert.DoesNotContain("Authorization", Assert.Single(openAi.Server.Requests).Headers);
    }

    [Fact]
    public async Task GenerateAsync_OpenAiWithoutAKey_NamesTheVariable()
    {
        await using var host = ModelsHost.Build();

        var exception = await Assert.ThrowsAsync<ModelException>(() => host["gpt-5"].CallAsync(Ask("q")));

        Assert.Equal((Code.FailedPrecondition, ModelErrorReasons.Credentials), (exception.Code, exception.Reason));
        Assert.Contains("OPENAI_API_KEY", exception.Message);
    }

    private static GenerateContentConfig Config(string json) => JsonParser.Default.Parse<GenerateContentConfig>(json);

    private async Task<JsonObject> SendAsync(ModelRequest request)
    {
        await _openAi.Model.CallAsync(request);
        return JsonNode.Parse(_openAi.Server.Requests[^1].Body.GetRawText())!.AsObject();
    }
}
