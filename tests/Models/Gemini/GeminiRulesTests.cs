using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Gemini;

public sealed class GeminiRulesTests : IAsyncLifetime
{
    private ScriptedGeminiServer _server = null!;
    private ModelsHost _models = null!;

    /// <summary>Fields that only Vertex AI takes: the config, and the field's name.</summary>
    public static TheoryData<string, string> OfVertex => new()
    {
        { """{"routingConfig":{}}""", "config.routing_config" },
        { """{"modelSelectionConfig":{}}""", "config.model_selection_config" },
        { """{"audioTimestamp":false}""", "config.audio_timestamp" },
        { """{"modelArmorConfig":{}}""", "config.model_armor_config" },
        { """{"generationOutputConfig":{}}""", "config.generation_output_config" },
        { """{"safetySettings":[{"category":"c"},{"category":"d","method":"SEVERITY"}]}""", "config.safety_settings[1].method" },
        { """{"toolConfig":{"functionCallingConfig":{"streamFunctionCallArguments":true}}}""", "config.tool_config.function_calling_config.stream_function_call_arguments" },
        { """{"imageConfig":{"personGeneration":"p"}}""", "config.image_config.person_generation" },
        { """{"imageConfig":{"prominentPeople":"p"}}""", "config.image_config.prominent_people" },
        { """{"imageConfig":{"outputMimeType":"image/png"}}""", "config.image_config.output_mime_type" },
        { """{"imageConfig":{"outputCompressionQuality":1}}""", "config.image_config.output_compression_quality" },
        { """{"imageConfig":{"imageOutputOptions":{}}}""", "config.image_config.image_output_options" },
        { """{"tools":[{"retrieval":{}}]}""", "config.tools[0].retrieval" },
        { """{"tools":[{"googleSearch":{}},{"enterpriseWebSearch":{}}]}""", "config.tools[1].enterprise_web_search" },
        { """{"tools":[{"parallelAiSearch":{}}]}""", "config.tools[0].parallel_ai_search" },
        { """{"tools":[{"exaAiSearch":{}}]}""", "config.tools[0].exa_ai_search" },
        { """{"tools":[{"googleSearch":{"excludeDomains":["a"]}}]}""", "config.tools[0].google_search.exclude_domains" },
        { """{"tools":[{"googleSearch":{"blockingConfidence":"HIGH"}}]}""", "config.tools[0].google_search.blocking_confidence" },
    };

    /// <summary>Fields that only the Developer API takes.</summary>
    public static TheoryData<string, string> OfDeveloper => new()
    {
        { """{"enableEnhancedCivicAnswers":true}""", "config.enable_enhanced_civic_answers" },
        { """{"store":false}""", "config.store" },
        { """{"toolConfig":{"includeServerSideToolInvocations":true}}""", "config.tool_config.include_server_side_tool_invocations" },
        { """{"tools":[{"fileSearch":{}}]}""", "config.tools[0].file_search" },
        { """{"tools":[{"mcpServers":[{"name":"m"}]}]}""", "config.tools[0].mcp_servers" },
    };

    /// <summary>Parts that only one of the two takes: Vertex AI is the one that refuses, or takes.</summary>
    public static TheoryData<bool, string, string> Parts => new()
    {
        { true, """{"toolCall":{"toolType":"URL_CONTEXT"}}""", "tool_call" },
        { true, """{"toolResponse":{"toolType":"URL_CONTEXT"}}""", "tool_response" },
        { true, """{"mediaProcessing":{"a":1}}""", "media_processing" },
        { true, """{"functionResponse":{"name":"f","willContinue":true}}""", "function_response.will_continue" },
        { true, """{"text":"t","partMetadata":{"a":1}}""", "part_metadata" },
        { false, """{"functionCall":{"name":"f","partialArgs":[{"jsonPath":"$.a","stringValue":"b"}]}}""", "function_call.partial_args" },
        { false, """{"functionCall":{"name":"f","willContinue":true}}""", "function_call.will_continue" },
    };

    /// <summary>What neither takes, nor any other provider.</summary>
    public static TheoryData<string, string> Malformed => new()
    {
        { """{"responseSchema":{"type":"OBJECT"},"responseJsonSchema":{},"responseMimeType":"application/json"}""", "config.response_schema can't be combined with response_json_schema" },
        { """{"responseSchema":{"type":"OBJECT"}}""", "config.response_schema requires response_mime_type" },
        { """{"responseJsonSchema":{"type":"object"}}""", "config.response_json_schema requires response_mime_type" },
        { """{"responseJsonSchema":[1],"responseMimeType":"application/json"}""", "config.response_json_schema must be a JSON object" },
        { """{"cachedContent":"c","systemInstruction":{"parts":[{"text":"s"}]}}""", "config.cached_content can't be combined with" },
        { """{"cachedContent":"c","tools":[{"googleSearch":{}}]}""", "config.cached_content can't be combined with" },
        { """{"cachedContent":"c","toolConfig":{}}""", "config.cached_content can't be combined with" },
        { """{"tools":[{}]}""", "config.tools[0] must set one tool" },
        { """{"tools":[{"functionDeclarations":[{"description":"d"}]}]}""", "config.tools[0].function_declarations[0].name is required" },
        { """{"tools":[{"functionDeclarations":[{"name":"f"}]},{"functionDeclarations":[{"name":"f"}]}]}""", "config.tools[1].function_declarations[0].name duplicates the name of another function ('f')" },
        { """{"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT"},"parametersJsonSchema":{}}]}]}""", "config.tools[0].function_declarations[0].parameters can't be combined with parameters_json_schema" },
        { """{"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":"x"}]}]}""", "config.tools[0].function_declarations[0].parameters_json_schema must be a JSON object" },
        { """{"tools":[{"functionDeclarations":[{"name":"f","responseJsonSchema":1}]}]}""", "config.tools[0].function_declarations[0].response_json_schema must be a JSON object" },
    };

    public async Task InitializeAsync()
    {
        _server = await ScriptedGeminiServer.StartAsync();
        _models = ModelsHost.Build(
            ("Models:Routes:0:Name", "vertex"), ("Models:Routes:0:Provider", "vertex"),
            ("Models:Routes:1:Name", "gemini"), ("Models:Routes:1:Provider", "gemini"),
            ("GOOGLE_API_KEY", "k"), ("GOOGLE_VERTEX_BASE_URL", _server.BaseUrl.ToString()), ("GOOGLE_GEMINI_BASE_URL", _server.BaseUrl.ToString()));
        _server.Always(_ => true, ScriptedReply.Text("a"));
    }

    public async Task DisposeAsync()
    {
        await _models.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(OfVertex))]
    public Task GenerateAsync_FieldOfVertex_IsRefusedForTheDeveloperApiOnly(string config, string field) =>
        RefusesAsync("gemini", "vertex", Config(config), $"{field} is supported only by Vertex AI.");

    [Theory]
    [MemberData(nameof(OfDeveloper))]
    public Task GenerateAsync_FieldOfTheDeveloperApi_IsRefusedForVertexOnly(string config, string field) =>
        RefusesAsync("vertex", "gemini", Config(config), $"{field} is supported only by the Gemini Developer API.");

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task GenerateAsync_ConfigWithoutForm_IsRefusedByBoth(string config, string message)
    {
        await RefusesAsync("gemini", null, Config(config), message);
        await RefusesAsync("vertex", null, Config(config), message);
    }

    [Fact]
    public Task GenerateAsync_ModelArmorBesideSafetySettings_IsRefused() =>
        RefusesAsync("vertex", null, Config("""{"modelArmorConfig":{},"safetySettings":[{"category":"c"}]}"""), "config.model_armor_config can't be combined with");

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task GenerateAsync_PartOfTheOtherApi_IsRefusedInTheMessageAndLeftOutOfTheHistory(bool vertexRefuses, string part, string field)
    {
        var (refuses, takes) = vertexRefuses ? ("vertex", "gemini") : ("gemini", "vertex");
        var content = new Content { Role = "user", Parts = { JsonParser.Default.Parse<Part>(part), new Part { Text = "rest" } } };

        var exception = await Assert.ThrowsAsync<ModelException>(() => _models[refuses].CallAsync(Ask([User("q"), content], stream: false)));
        Assert.StartsWith($"contents[1].parts[0].{field} is supported only by ", exception.Message);
        Assert.Empty(_server.Requests);

        await _models[refuses].CallAsync(Ask("q", stream: false, history: [content]));
        await _models[takes].CallAsync(Ask("q", stream: false, history: [content]));

        var member = JsonName(field.Split('.')[^1]);
        Assert.DoesNotContain($"\"{member}\"", _server.Requests[0].Body.GetRawText());
        Assert.Contains("rest", _server.Requests[0].Body.GetRawText());
        Assert.Contains($"\"{member}\"", _server.Requests[1].Body.GetRawText());
        Assert.Equal(JsonParser.Default.Parse<Part>(part), content.Parts[0]);
    }

    private static string JsonName(string field) =>
        string.Concat(field.Split('_').Select((word, index) => index == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));

    private static GenerateContentConfig Config(string json) => JsonParser.Default.Parse<GenerateContentConfig>(json);

    private async Task RefusesAsync(string model, string? takenBy, GenerateContentConfig config, string message)
    {
        var early = Assert.Throws<ModelException>(() => _models[model].Check(config, []));
        var exception = await Assert.ThrowsAsync<ModelException>(() => _models[model].CallAsync(Ask("q", stream: false, config)));

        Assert.Equal((Code.InvalidArgument, ModelErrorReasons.InvalidRequest), (exception.Code, exception.Reason));
        Assert.StartsWith(message, exception.Message);
        Assert.Equal(exception.Message, early.Message);
        Assert.Equal(early.Message, Assert.Throws<ModelException>(() => _models.RouteOf(model).Check(config, [])).Message);
        Assert.Empty(_server.Requests);
        if (takenBy is not null)
        {
            _models[takenBy].Check(config, []);
            await _models[takenBy].CallAsync(Ask("q", stream: false, config));
            Assert.Single(_server.Requests);
        }
    }
}
