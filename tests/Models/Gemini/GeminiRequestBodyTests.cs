using System.Text.Json;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Gemini;
using GenAI.Chats.V1;
using Google.Protobuf;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Gemini;

public sealed class GeminiRequestBodyTests
{
    /// <summary>Each field of the config as proto JSON, and its place in the body; null: it is not sent.</summary>
    public static TheoryData<string, string, string?> Fields => new()
    {
        { "httpOptions", """{"timeout":5}""", null },
        { "systemInstruction", """{"role":"user","parts":[{"text":"s"}]}""", "systemInstruction" },
        { "temperature", "0", "generationConfig.temperature" },
        { "topP", "0.1", "generationConfig.topP" },
        { "topK", "40", "generationConfig.topK" },
        { "candidateCount", "2", "generationConfig.candidateCount" },
        { "maxOutputTokens", "3", "generationConfig.maxOutputTokens" },
        { "stopSequences", """["a","b"]""", "generationConfig.stopSequences" },
        { "responseLogprobs", "false", "generationConfig.responseLogprobs" },
        { "logprobs", "0", "generationConfig.logprobs" },
        { "presencePenalty", "0.5", "generationConfig.presencePenalty" },
        { "frequencyPenalty", "-0.5", "generationConfig.frequencyPenalty" },
        { "seed", "7", "generationConfig.seed" },
        { "responseMimeType", "\"application/json\"", "generationConfig.responseMimeType" },
        { "responseSchema", """{"type":"OBJECT","properties":{"a":{"type":"STRING"}}}""", "generationConfig.responseSchema" },
        { "responseJsonSchema", """{"type":"object","additionalProperties":false}""", "generationConfig.responseJsonSchema" },
        { "routingConfig", """{"manualMode":{"modelName":"m"}}""", "generationConfig.routingConfig" },
        { "modelSelectionConfig", """{"featureSelectionPreference":"BALANCED"}""", "generationConfig.modelConfig" },
        { "safetySettings", """[{"category":"c","threshold":"OFF","method":"SEVERITY"}]""", "safetySettings" },
        { "tools", """[{"googleSearch":{}},{"functionDeclarations":[{"name":"f"}]}]""", "tools" },
        { "toolConfig", """{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"],"streamFunctionCallArguments":true},"retrievalConfig":{"latLng":{"latitude":1.5,"longitude":2},"languageCode":"de"},"includeServerSideToolInvocations":true}""", "toolConfig" },
        { "labels", """{"team":"a"}""", "labels" },
        { "cachedContent", "\"cachedContents/1\"", "cachedContent" },
        { "responseModalities", """["TEXT","IMAGE"]""", "generationConfig.responseModalities" },
        { "mediaResolution", "\"MEDIA_RESOLUTION_LOW\"", "generationConfig.mediaResolution" },
        { "speechConfig", """{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"v"}},"languageCode":"de","multiSpeakerVoiceConfig":{"speakerVoiceConfigs":[{"speaker":"s","voiceConfig":{}}]}}""", "generationConfig.speechConfig" },
        { "audioTimestamp", "true", "generationConfig.audioTimestamp" },
        { "automaticFunctionCalling", """{"disable":true,"maximumRemoteCalls":3,"ignoreCallHistory":true}""", null },
        { "thinkingConfig", """{"includeThoughts":true,"thinkingBudget":-1,"thinkingLevel":"LOW"}""", "generationConfig.thinkingConfig" },
        { "imageConfig", """{"aspectRatio":"16:9","imageSize":"1K","personGeneration":"p","prominentPeople":"p","outputMimeType":"image/png","outputCompressionQuality":5,"imageOutputOptions":{"mimeType":"image/png","compressionQuality":5}}""", "generationConfig.imageConfig" },
        { "enableEnhancedCivicAnswers", "true", "generationConfig.enableEnhancedCivicAnswers" },
        { "modelArmorConfig", """{"promptTemplateName":"p","responseTemplateName":"r"}""", "modelArmorConfig" },
        { "serviceTier", "\"flex\"", "serviceTier" },
        { "audioTranscriptionConfig", """{"languageCodes":["de"],"customVocabulary":["w"],"wordTimestamp":true,"diarization":true}""", "generationConfig.audioTranscriptionConfig" },
        { "continuationToken", "\"Ab+/==\"", "continuationToken" },
        { "automaticContinuation", "false", null },
        { "generationOutputConfig", """{"gcsDestination":"gs://b"}""", "generationConfig.outputConfig" },
        { "store", "false", "store" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void Write_EachFieldOfTheConfig_IsInItsPlace(string field, string value, string? place)
    {
        var body = Write(ParseConfig($$"""{"{{field}}":{{value}}}"""));

        var expected = new JsonObject { ["contents"] = new JsonArray() };
        if (place?.Split('.') is [var outer, var inner])
        {
            expected[outer] = new JsonObject { [inner] = JsonNode.Parse(value) };
        }
        else if (place is not null)
        {
            expected[place] = JsonNode.Parse(value);
        }

        Assert.True(JsonNode.DeepEquals(expected, body), body.ToJsonString());
    }

    [Fact]
    public void Write_TheTableOfFields_IsComplete() => Assert.Equal(
        GenerateContentConfig.Descriptor.Fields.InDeclarationOrder().Select(field => field.JsonName).Order(),
        Fields.Select(row => (string)row[0]).Order());

    [Fact]
    public void Write_NoConfig_HasContentsAlone()
    {
        Assert.Equal("""{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}""", Write(null, User("hi")).ToJsonString());
        Assert.Equal("""{"contents":[]}""", Write(new GenerateContentConfig()).ToJsonString());
    }

    [Fact]
    public void Write_ExtraBody_IsAddedObjectByObject()
    {
        var config = ParseConfig("""
            {
              "temperature": 0.5, "topK": 3, "tools": [{"googleSearch": {}}],
              "httpOptions": {"extraBody": {"generation_config": {"newField": {"x": null}}, "newTop": 1, "systemInstruction": {"parts": []}}}
            }
            """);

        var body = Write(config, User("hi"));

        var expected = JsonNode.Parse("""
            {
              "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
              "generationConfig": {"temperature": 0.5, "topK": 3, "newField": {"x": null}},
              "tools": [{"googleSearch": {}}], "newTop": 1, "systemInstruction": {"parts": []}
            }
            """);
        Assert.True(JsonNode.DeepEquals(expected, body), body.ToJsonString());
    }

    [Theory]
    [InlineData("""{"contents":[{"role":"user"}]}""", "contents")]
    [InlineData("""{"Contents":null}""", "Contents")]
    [InlineData("""{"model":"models/gemini-huge"}""", "model")]
    [InlineData("""{"continuation_token":"t"}""", "continuation_token")]
    [InlineData("""{"generationConfig":{"topK":4}}""", "generationConfig.topK")]
    [InlineData("""{"generation_config":{"top_k":4}}""", "generation_config.top_k")]
    [InlineData("""{"generationConfig":1}""", "generationConfig")]
    [InlineData("""{"tools":[]}""", "tools")]
    public void Write_ExtraBodyWithWhatTheServerWrites_IsRefused(string extraBody, string member)
    {
        var config = ParseConfig($$$"""{"topK":3,"tools":[{"googleSearch":{}}],"httpOptions":{"extraBody":{{{extraBody}}}}}""");

        var message = $"config.http_options.extra_body.{member} is set by the server and can't be replaced.";
        Assert.Equal(message, Assert.Throws<ModelException>(() => Write(config, User("hi"))).Message);
        Assert.Equal(message, Assert.Throws<ModelException>(() => GeminiRules.Check(config, [], vertex: false)).Message);
        Assert.Equal(message, Assert.Throws<ModelException>(() => GeminiRules.Check(config, [], vertex: true)).Message);
    }

    [Fact]
    public void Write_ExtraMembersOfConfigMessages_AreSent()
    {
        var config = new GenerateContentConfig { ThinkingConfig = new ThinkingConfig { Extra = JsonParser.Default.Parse<Google.Protobuf.WellKnownTypes.Struct>("""{"deep":1}""") } };

        Assert.Equal("""{"contents":[],"generationConfig":{"thinkingConfig":{"deep":1}}}""", Write(config).ToJsonString());
    }

    private static GenerateContentConfig ParseConfig(string json) => JsonParser.Default.Parse<GenerateContentConfig>(json);

    private static JsonObject Write(GenerateContentConfig? config, params Content[] contents)
    {
        var body = GeminiRequestBody.Write(contents, config);
        using var document = JsonDocument.Parse(body);
        return JsonNode.Parse(body.Span)!.AsObject();
    }
}
