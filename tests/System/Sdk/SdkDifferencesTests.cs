using System.Text.Json.Nodes;
using GenAI.Chats.TestKit.ScriptedGemini;

namespace GenAI.Chats.SystemTests.Sdk;

/// <summary>Each difference that docs/reference/sdk-compatibility.md lists is there, and is what it says.</summary>
public sealed class SdkDifferencesTests(SdkDifferencesTests.Fixture fixture) : IClassFixture<SdkDifferencesTests.Fixture>
{
    private const string Call = """{"functionCall":{"name":"f","args":{}}}""";
    private const string Response = """{"functionResponse":{"name":"f","response":{"output":"1"}}}""";
    private const string Nothing = """{"candidates":[{"content":{"role":"model"},"finishReason":"STOP"}]}""";

    /// <summary>Sends and answers, and the contents of the last request: the SDK's, and the service's.</summary>
    public static TheoryData<string, string[], string[][], string, string> Histories => new()
    {
        {
            "the chunks of a stream are one content",
            ["~" + Text("q1"), Text("q2")],
            [[GeminiJson.Text("one "), GeminiJson.Text("two", "STOP")], [GeminiJson.Text("a", "STOP")]],
            """[{"role":"user","parts":[{"text":"q1"}]},{"role":"model","parts":[{"text":"one "}]},{"role":"model","parts":[{"text":"two"}]},{"role":"user","parts":[{"text":"q2"}]}]""",
            """[{"role":"user","parts":[{"text":"q1"}]},{"role":"model","parts":[{"text":"one two"}]},{"role":"user","parts":[{"text":"q2"}]}]"""
        },
        {
            "a last chunk without parts does not spoil the turn",
            ["~" + Text("q1"), Text("q2")],
            [[GeminiJson.Text("one"), Nothing], [GeminiJson.Text("a", "STOP")]],
            """[{"role":"user","parts":[{"text":"q2"}]}]""",
            """[{"role":"user","parts":[{"text":"q1"}]},{"role":"model","parts":[{"text":"one"}]},{"role":"user","parts":[{"text":"q2"}]}]"""
        },
        {
            "usage behind the last chunk does not spoil the turn",
            ["~" + Text("q1"), Text("q2")],
            [[GeminiJson.Text("one", "STOP"), """{"usageMetadata":{"totalTokenCount":3}}"""], [GeminiJson.Text("a", "STOP")]],
            """[{"role":"user","parts":[{"text":"q2"}]}]""",
            """[{"role":"user","parts":[{"text":"q1"}]},{"role":"model","parts":[{"text":"one"}]},{"role":"user","parts":[{"text":"q2"}]}]"""
        },
        {
            "members that nobody knows are sent back",
            [Text("q1"), Text("q2")],
            [[GeminiJson.Response([JsonNode.Parse("""{"text":"one","newKind":{"x":1}}""")!], "STOP")], [GeminiJson.Text("a", "STOP")]],
            """[{"role":"user","parts":[{"text":"q1"}]},{"role":"model","parts":[{"text":"one"}]},{"role":"user","parts":[{"text":"q2"}]}]""",
            """[{"role":"user","parts":[{"text":"q1"}]},{"role":"model","parts":[{"text":"one","newKind":{"x":1}}]},{"role":"user","parts":[{"text":"q2"}]}]"""
        },
        {
            "a content without a role is the model's",
            [Text("q1"), Text("q2")],
            [["""{"candidates":[{"content":{"parts":[{"text":"one"}]},"finishReason":"STOP"}]}"""], [GeminiJson.Text("a", "STOP")]],
            """[{"role":"user","parts":[{"text":"q2"}]}]""",
            """[{"role":"user","parts":[{"text":"q1"}]},{"role":"model","parts":[{"text":"one"}]},{"role":"user","parts":[{"text":"q2"}]}]"""
        },
        {
            "a function call that is left alone is not sent again",
            [Text("q1"), Text("q2")],
            [[GeminiJson.Response([JsonNode.Parse(Call)!], "STOP")], [GeminiJson.Text("a", "STOP")]],
            $$"""[{"role":"user","parts":[{"text":"q1"}]},{"role":"model","parts":[{{Call}}]},{"role":"user","parts":[{"text":"q2"}]}]""",
            """[{"role":"user","parts":[{"text":"q2"}]}]"""
        },
        {
            "an exchange whose last answer is empty is not sent again in part",
            [Text("q1"), $"[{Response}]", Text("q2")],
            [[GeminiJson.Response([JsonNode.Parse(Call)!], "STOP")], ["""{"promptFeedback":{"blockReason":"SAFETY"}}"""], [GeminiJson.Text("a", "STOP")]],
            $$"""[{"role":"user","parts":[{"text":"q1"}]},{"role":"model","parts":[{{Call}}]},{"role":"user","parts":[{"text":"q2"}]}]""",
            """[{"role":"user","parts":[{"text":"q2"}]}]"""
        },
    };

    /// <summary>Configs, and what of the request's body differs: the SDK's and the service's. Null: the service refuses the config.</summary>
    public static TheoryData<string, string, string, string?> Configs => new()
    {
        { "an empty generationConfig is not sent", """{"serviceTier":"flex"}""", """{"serviceTier":"flex","generationConfig":{}}""", """{"serviceTier":"flex"}""" },
        {
            "types of schemas are sent as they are",
            """{"responseMimeType":"application/json","responseSchema":{"type":"object"}}""",
            """{"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"OBJECT"}}}""",
            """{"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"object"}}}"""
        },
        {
            "a schema without its media type is refused",
            """{"responseJsonSchema":{"type":"object"}}""", """{"generationConfig":{"responseJsonSchema":{"type":"object"}}}""", null
        },
        {
            "a cached content beside tools is refused",
            """{"cachedContent":"cachedContents/1","tools":[{"googleSearch":{}}]}""",
            """{"cachedContent":"cachedContents/1","tools":[{"googleSearch":{}}],"generationConfig":{}}""",
            null
        },
    };

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task History_DiffersAsListed(string difference, string[] messages, string[][] answers, string sdk, string service)
    {
        var conversation = new SdkConversation
        {
            Sends = [.. messages.Zip(answers).Select(send => new SdkSend(
                JsonNode.Parse(send.First.TrimStart('~'))!.AsArray(), send.First[0] == '~', new SdkAnswer(send.Second)))],
        };

        var (ofSdk, ofService) = (await fixture.Comparison.HoldAsync(conversation))[0];

        AssertContents(difference, sdk, ofSdk.Requests[^1]);
        AssertContents(difference, service, ofService.Requests[^1]);
    }

    [Theory]
    [MemberData(nameof(Configs))]
    public async Task Config_DiffersAsListed(string difference, string config, string sdk, string? service)
    {
        var conversation = new SdkConversation
        {
            Config = JsonNode.Parse(config)!.AsObject(),
            Sends = [new SdkSend(JsonNode.Parse(Text("q"))!.AsArray(), false, new SdkAnswer(GeminiJson.Text("a", "STOP")))],
        };

        var (ofSdk, ofService) = (await fixture.Comparison.HoldAsync(conversation))[0];

        AssertJson(difference, sdk, WithoutContents(ofSdk.Requests.Single()));
        if (service is null)
        {
            Assert.Equal(("failed", 0), (ofService.Outcomes.Single(), ofService.Requests.Count));
        }
        else
        {
            AssertJson(difference, service, WithoutContents(ofService.Requests.Single()));
        }
    }

    [Fact]
    public async Task Calls_OfAModelThatRequiresSignatures_CarryThePlaceholder()
    {
        var conversation = new SdkConversation
        {
            Model = "gemini-3-pro",
            Sends =
            [
                new SdkSend(JsonNode.Parse(Text("q"))!.AsArray(), false, new SdkAnswer(GeminiJson.Response([JsonNode.Parse(Call)!], "STOP"))),
                new SdkSend(JsonNode.Parse($"[{Response}]")!.AsArray(), false, new SdkAnswer(GeminiJson.Text("a", "STOP"))),
            ],
        };

        var (ofSdk, ofService) = (await fixture.Comparison.HoldAsync(conversation))[0];

        Assert.Null(ofSdk.Requests[1].Body["contents"]![1]!["parts"]![0]!["thoughtSignature"]);
        Assert.Equal("skip_thought_signature_validator", ofService.Requests[1].Body["contents"]![1]!["parts"]![0]!["thoughtSignature"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}""", 503, "failed")]
    [InlineData(Nothing, 200, "ended")]
    public async Task Answer_ThatMayPass_IsAskedForAgain(string first, int status, string ofTheSdk)
    {
        var conversation = new SdkConversation
        {
            Sends = [new SdkSend(JsonNode.Parse(Text("q"))!.AsArray(), false, new SdkAnswer([first], status), new SdkAnswer(GeminiJson.Text("a", "STOP")))],
        };

        var (ofSdk, ofService) = (await fixture.Comparison.HoldAsync(conversation))[0];

        Assert.Equal((ofTheSdk, 1), (ofSdk.Outcomes.Single(), ofSdk.Requests.Count));
        Assert.Equal(("ended", 2), (ofService.Outcomes.Single(), ofService.Requests.Count));
    }

    /// <summary>Retries as by default, but sooner.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        internal SdkComparison Comparison { get; private set; } = null!;

        public async Task InitializeAsync() => Comparison = await SdkComparison.StartAsync("--Models:Routes:0:Retry:BaseDelay=00:00:00.01");

        public async Task DisposeAsync() => await Comparison.DisposeAsync();
    }

    private static string Text(string text) => $$"""[{"text":"{{text}}"}]""";

    private static void AssertContents(string difference, string expected, SdkRequest request) =>
        AssertJson(difference, expected, request.Body["contents"]!);

    private static JsonObject WithoutContents(SdkRequest request)
    {
        var body = request.Body.DeepClone().AsObject();
        body.Remove("contents");
        return body;
    }

    private static void AssertJson(string difference, string expected, JsonNode actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"{difference}: {actual.ToJsonString()}");
}
