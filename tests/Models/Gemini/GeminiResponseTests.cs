using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Models.Json;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Gemini;

public sealed class GeminiResponseTests : IAsyncLifetime
{
    private GeminiModelFixture _gemini = null!;

    /// <summary>Shapes of answers that the SDKs were seen to stumble over: none of them is an error here.</summary>
    public static TheoryData<string> OddAnswers => new()
    {
        "{}",
        """{"candidates":[]}""",
        """{"candidates":[{"finishReason":"STOP"}]}""",
        """{"candidates":[{"content":{},"finishReason":"STOP"}]}""",
        """{"candidates":[{"content":{"role":"model"},"finishReason":"STOP"}]}""",
        """{"candidates":[{"content":{"parts":[{}],"role":"model"}}]}""",
        """{"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP"}]}""",
        """{"candidates":[{"content":{"parts":[{"thoughtSignature":"Ab_-"}],"role":"model"}}]}""",
        """{"promptFeedback":{"blockReason":"SAFETY"}}""",
        """{"usageMetadata":{"totalTokenCount":3}}""",
        """{"candidates":[{"content":{"parts":[{"text":"t"}],"role":"model"},"finishReason":"MISSING_THOUGHT_SIGNATURE"}]}""",
        """{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}},{"functionCall":{"id":"2","name":"f","args":{}}}],"role":"model"}}]}""",
    };

    public async Task InitializeAsync() => _gemini = await GeminiModelFixture.StartAsync();

    public async Task DisposeAsync() => await _gemini.DisposeAsync();

    [Theory]
    [MemberData(nameof(OddAnswers))]
    public async Task GenerateAsync_AnswerOfAnOddShape_IsGivenAsItIs(string json)
    {
        _gemini.Server.Enqueue(ScriptedReply.Json(json), ScriptedReply.Stream().Event(json), ScriptedReply.Text("next"));

        var response = Assert.Single(await _gemini.Model.CallAsync(Ask("q", stream: false)));
        var chunk = Assert.Single(await _gemini.Model.CallAsync(Ask("q")));

        // An empty list is the same as none.
        var expected = json.Replace("\"candidates\":[]", "");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(RestJson.Write(response))), Encoding.UTF8.GetString(RestJson.Write(response)));
        Assert.Equal(response, chunk);
    }

    [Theory]
    [InlineData("text/html", "<!doctype html>\n<html><body>Sign in</body></html>\n")]
    [InlineData("text/html; charset=utf-8", "data: {}\n\n")]
    [InlineData("text/plain", "Hello, I am a proxy.\n")]
    [InlineData("text/event-stream", "Hello, I am a proxy.\n")]
    public async Task GenerateAsync_PageOfAProxyUnder200_IsMalformed(string contentType, string body)
    {
        _gemini.Server.Enqueue(ScriptedReply.Body(body, contentType, 200), ScriptedReply.Body(body, contentType, 200));

        foreach (var stream in (bool[])[true, false])
        {
            var exception = await Assert.ThrowsAsync<ModelException>(() => _gemini.Model.CallAsync(Ask("q", stream)));
            Assert.Equal((Code.Unavailable, ModelErrorReasons.MalformedResponse), (exception.Code, exception.Reason));
        }
    }

    [Fact]
    public async Task GenerateAsync_StreamWithoutEvents_IsEmpty()
    {
        _gemini.Server.Enqueue(ScriptedReply.Stream(), ScriptedReply.Stream().Write(": ping\n\n"));

        Assert.Empty(await _gemini.Model.CallAsync(Ask("q")));
        Assert.Empty(await _gemini.Model.CallAsync(Ask("q")));
    }

    [Fact]
    public async Task GenerateAsync_CountsBeyondInt32_AreTheLargest()
    {
        _gemini.Server.Enqueue(ScriptedReply.Json(
            """{"usageMetadata":{"promptTokenCount":2147483648,"candidatesTokenCount":"9999999999","totalTokenCount":2147483647,"newCount":9999999999,"promptTokensDetails":[{"modality":"TEXT","tokenCount":1e12}]}}"""));

        var usage = Assert.Single(await _gemini.Model.CallAsync(Ask("q", stream: false))).UsageMetadata;

        Assert.Equal((int.MaxValue, int.MaxValue, int.MaxValue), (usage.PromptTokenCount, usage.CandidatesTokenCount, usage.TotalTokenCount));
        Assert.Equal(int.MaxValue, usage.PromptTokensDetails.Single().TokenCount);
        Assert.Null(usage.PromptTokensDetails.Single().Extra);
        Assert.Equal(["newCount"], usage.Extra.Fields.Keys);
    }

    /// <summary>The parts of an answer that another model gave, and those that an image model of Gemini 3 is sent: X is the placeholder.</summary>
    public static TheoryData<string, string> Pictures => new()
    {
        { """{"inlineData":"AQI="}""", """{"inlineData":"AQI=","s":"X"}""" },
        { """{"text":"a"},{"inlineData":"AQI="},{"text":"b"},{"inlineData":"AQI="}""", """{"text":"a","s":"X"},{"inlineData":"AQI=","s":"X"},{"text":"b"},{"inlineData":"AQI=","s":"X"}""" },
        { """{"text":"t","thought":true},{"inlineData":"AQI=","thought":true},{"text":"a"},{"text":"b"}""", """{"text":"t","thought":true},{"inlineData":"AQI=","thought":true},{"text":"a","s":"X"},{"text":"b"}""" },
        // Its own, of which not every part is signed.
        { """{"text":"a"},{"inlineData":"AQI=","s":"own"},{"inlineData":"AQI="}""", """{"text":"a"},{"inlineData":"AQI=","s":"own"},{"inlineData":"AQI=","s":"X"}""" },
        { """{"text":"a","s":"own"},{"inlineData":"AQI=","s":"own"}""", """{"text":"a","s":"own"},{"inlineData":"AQI=","s":"own"}""" },
        { """{"functionCall":{"name":"f"}}""", """{"functionCall":{"name":"f"},"s":"X"}""" },
    };

    [Theory]
    [MemberData(nameof(Pictures))]
    public async Task GenerateAsync_PicturesThatAnotherModelMade_CarryThePlaceholderForImageModelsAlone(string parts, string sent)
    {
        var said = RestJson.Read<Content>(Encoding.UTF8.GetBytes($$"""{"role":"model","parts":[{{Full(parts)}}]}"""));
        var copy = said.Clone();
        var picture = new Content { Role = "user", Parts = { new Part { InlineData = new Blob { MimeType = "image/png" } } } };
        _gemini.Server.Always(_ => true, ScriptedReply.Text("a"));
        foreach (var model in (string[])["gemini-3-pro-image-preview", "models/gemini-3.1-flash-image", "gemini-flash-image-latest", "gemini-2.5-flash-image"])
        {
            await _gemini.Model.CallAsync(Ask("q", stream: false, model: model, history: [picture, said]));

            var contents = _gemini.Server.Requests[^1].Body.GetProperty("contents");
            var expected = model.Contains("2.5", StringComparison.Ordinal) ? parts : sent;
            Assert.True(
                JsonNode.DeepEquals(JsonNode.Parse($"[{Full(expected)}]"), JsonNode.Parse(contents[1].GetProperty("parts").GetRawText())),
                $"{model}: {contents[1].GetRawText()}");
            Assert.False(contents[0].GetProperty("parts")[0].TryGetProperty("thoughtSignature", out _));
        }

        Assert.Equal(copy, said);

        static string Full(string parts) => parts
            .Replace("\"AQI=\"", """{"mimeType":"image/png","data":"AQI="}""", StringComparison.Ordinal)
            .Replace("\"s\":", "\"thoughtSignature\":", StringComparison.Ordinal)
            .Replace("\"X\"", "\"skip_thought_signature_validator\"", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gemini-3-pro", true)]
    [InlineData("gemini-flash-latest", true)]
    [InlineData("gemini-3.5-flash", true)]
    [InlineData("gemini-12-pro", true)]
    [InlineData("models/gemini-4", true)]
    [InlineData("gemini-of-ours", false)]
    [InlineData("tunedModels/mine", false)]
    [InlineData("gemini-2.5-flash", false)]
    [InlineData("models/gemini-1.5-pro", false)]
    public async Task GenerateAsync_CallsThatAnotherModelMade_CarryThePlaceholderWhereItIsWanted(string model, bool wanted)
    {
        _gemini.Server.Enqueue(ScriptedReply.Text("a"));
        var foreign = new Content { Role = "model", Parts = { new Part { Text = "t" }, Call("f"), Call("g") } };
        var own = new Content { Role = "model", Parts = { Call("f"), Call("g") } };
        own.Parts[0].ThoughtSignature = "own";
        Content[] history = [User("1"), foreign, Responses("f", "g"), own, Responses("f", "g"), new Content { Role = "model", Parts = { Call("h") } }];
        var before = history.Select(content => content.Clone()).ToArray();

        await _gemini.Model.CallAsync(Ask([Responses("h")], stream: false, model: model, history: history));

        var signatures = _gemini.Server.Requests[0].Body.GetProperty("contents").EnumerateArray()
            .SelectMany(content => content.GetProperty("parts").EnumerateArray())
            .Where(part => part.TryGetProperty("functionCall", out var _))
            .Select(part => part.TryGetProperty("thoughtSignature", out var signature) ? signature.GetString() : null);
        var placeholder = wanted ? "skip_thought_signature_validator" : null;
        Assert.Equal([placeholder, null, "own", null, placeholder], signatures);
        Assert.Equal(before, history);
    }

    private static Part Call(string name) => new() { FunctionCall = new FunctionCall { Name = name, Args = new Struct() } };

    private static Content Responses(params string[] names) => new()
    {
        Role = "user",
        Parts = { names.Select(name => new Part { FunctionResponse = new FunctionResponse { Name = name, Response = new Struct() } }) },
    };
}
