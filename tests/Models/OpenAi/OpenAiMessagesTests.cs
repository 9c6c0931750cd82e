using System.Text.Json.Nodes;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using GenAI.Chats.V1;
using Google.Protobuf;
using Google.Rpc;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.OpenAi;

public sealed class OpenAiMessagesTests : IAsyncLifetime
{
    private OpenAiFixture _openAi = null!;

    /// <summary>Contents as proto JSON, and the messages that they become.</summary>
    public static TheoryData<string, string> Contents => new()
    {
        { """[{"parts":[{"text":"a"},{"text":"b"}]}]""", """[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]""" },
        { """[{"role":"user","parts":[{"text":""}]}]""", """[{"role":"user","content":""}]""" },
        {
            """[{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"text":"t","thought":true},{"text":"a"},{"text":"b","thoughtSignature":"s"},{"text":"","thoughtSignature":"s"}]},{"role":"user","parts":[{"text":"r"}]}]""",
            """[{"role":"user","content":"q"},{"role":"assistant","content":"ab"},{"role":"user","content":"r"}]"""
        },
        {
            """[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"AQI="}},{"fileData":{"mimeType":"image/jpeg","fileUri":"https://h/a b.jpg"}}]}]""",
            """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AQI="}},{"type":"image_url","image_url":{"url":"https://h/a%20b.jpg"}}]}]"""
        },
        {
            """[{"role":"user","parts":[{"inlineData":{"mimeType":"audio/mpeg","data":"AQI="}},{"inlineData":{"mimeType":"application/pdf","data":"AQI="}}]}]""",
            """[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AQI=","format":"mp3"}},{"type":"file","file":{"filename":"document.pdf","file_data":"data:application/pdf;base64,AQI="}}]}]"""
        },
        {
            """[{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{"x":1}}},{"functionCall":{"id":"c2","name":"f"}}]},{"role":"user","parts":[{"text":"and"},{"functionResponse":{"id":"c2","name":"f","response":{"output":"2"}}},{"functionResponse":{"id":"c1","name":"f"}}]}]""",
            """[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c2","content":"{\"output\":\"2\"}"},{"role":"tool","tool_call_id":"c1","content":"{}"},{"role":"user","content":"and"}]"""
        },
        {
            // Without ids: each response belongs to the oldest call of its name that has none yet.
            """[{"role":"model","parts":[{"text":"t"},{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}},{"functionCall":{"name":"f"}}]},{"role":"user","parts":[{"functionResponse":{"name":"g"}},{"functionResponse":{"name":"f"}},{"functionResponse":{"name":"f"}}]}]""",
            """[{"role":"assistant","content":"t","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"call_2","type":"function","function":{"name":"g","arguments":"{}"}},{"id":"call_3","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_2","content":"{}"},{"role":"tool","tool_call_id":"call_1","content":"{}"},{"role":"tool","tool_call_id":"call_3","content":"{}"}]"""
        },
        {
            """[{"role":"model","parts":[{"functionCall":{"id":"an-id-that-is-longer-than-the-forty-letters-of-openai","name":"f"}}]},{"role":"user","parts":[{"functionResponse":{"id":"an-id-that-is-longer-than-the-forty-letters-of-openai","name":"f"}}]}]""",
            """[{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":"{}"}]"""
        },
        {
            """[{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"executableCode":{"language":"PYTHON","code":"1+1"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"2"}}]},{"role":"user","parts":[{"text":"r"}]}]""",
            """[{"role":"user","content":"q"},{"role":"assistant","content":"\n```python\n1+1\n```\n\n```\n2\n```\n"},{"role":"user","content":"r"}]"""
        },
    };

    /// <summary>Parts that no message has a place for: refused in the message, left out of the history.</summary>
    public static TheoryData<string, string> WithoutAPlace => new()
    {
        { """{"inlineData":{"mimeType":"video/mp4","data":"AQI="}}""", "inline_data.mime_type isn't supported by provider OpenAI (got 'video/mp4')." },
        { """{"fileData":{"mimeType":"application/pdf","fileUri":"https://h/a.pdf"}}""", "file_data.mime_type isn't supported by provider OpenAI (got 'application/pdf')" },
        { """{"fileData":{"mimeType":"image/png","fileUri":"gs://b/a.png"}}""", "file_data.file_uri must be an http or https URL for provider OpenAI (got 'gs://b/a.png')" },
        { """{"toolCall":{"toolType":"URL_CONTEXT"}}""", "tool_call isn't supported" },
        { """{"toolResponse":{"toolType":"URL_CONTEXT"}}""", "tool_response isn't supported" },
        { """{"mediaProcessing":{}}""", "media_processing isn't supported" },
        { """{"functionResponse":{"name":"nobody-asked"}}""", "function_response doesn't match an open function call" },
    };

    public async Task InitializeAsync()
    {
        _openAi = await OpenAiFixture.StartAsync();
        _openAi.Server.Always(_ => true, OpenAiReply.Text("a"));
    }

    public async Task DisposeAsync() => await _openAi.DisposeAsync();

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task GenerateAsync_Contents_BecomeMessages(string contents, string messages)
    {
        var all = JsonNode.Parse(contents)!.AsArray().Select(content => JsonParser.Default.Parse<Content>(content!.ToJsonString())).ToArray();
        var before = all.Select(content => content.Clone()).ToArray();

        await _openAi.Model.CallAsync(Ask([all[^1]], stream: false, history: all[..^1]));

        var sent = _openAi.Server.Requests[0].Body.GetProperty("messages").GetRawText();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(messages), JsonNode.Parse(sent)), sent);
        Assert.Equal(before, all);
    }

    [Theory]
    [MemberData(nameof(WithoutAPlace))]
    public async Task GenerateAsync_PartWithoutAPlace_IsRefusedInTheMessageAndLeftOutOfTheHistory(string part, string message)
    {
        var content = new Content { Role = "user", Parts = { new Part { Text = "t" }, JsonParser.Default.Parse<Part>(part) } };

        var exception = await Assert.ThrowsAsync<ModelException>(() => _openAi.Model.CallAsync(Ask([content], stream: false)));
        Assert.Equal(Code.InvalidArgument, exception.Code);
        Assert.StartsWith($"contents[0].parts[1].{message}", exception.Message);
        Assert.Empty(_openAi.Server.Requests);

        await _openAi.Model.CallAsync(Ask("q", stream: false, history: [content]));
        Assert.Equal(
            """[{"role":"user","content":"t"},{"role":"user","content":"q"}]""", _openAi.Server.Requests[0].Body.GetProperty("messages").GetRawText());
    }

    [Theory]
    [InlineData("""{"text":"t","videoMetadata":{}}""", "video_metadata")]
    [InlineData("""{"text":"t","mediaResolution":{}}""", "media_resolution")]
    [InlineData("""{"text":"t","partMetadata":{}}""", "part_metadata")]
    [InlineData("""{"text":"t","extra":{"newKind":1}}""", "newKind")]
    public async Task GenerateAsync_ModifierWithoutAPlace_IsRefusedInTheMessage(string part, string field)
    {
        var content = new Content { Role = "user", Parts = { JsonParser.Default.Parse<Part>(part) } };

        var exception = Assert.Throws<ModelException>(() => _openAi.Model.Check(null, [content]));
        Assert.StartsWith($"contents[0].parts[0].{field} isn't supported", exception.Message);

        await _openAi.Model.CallAsync(Ask("q", stream: false, history: [content]));
        Assert.Equal(2, _openAi.Server.Requests[0].Body.GetProperty("messages").GetArrayLength());
    }

    [Fact]
    public void Check_FunctionResponse_IsTakenWithoutItsCall() =>
        _openAi.Model.Check(null, [new Content { Role = "user", Parts = { new Part { FunctionResponse = new FunctionResponse { Name = "f" } } } }]);

    [Fact]
    public async Task GenerateAsync_SystemInstruction_ComesFirst()
    {
        var config = new GenerateContentConfig { SystemInstruction = User("Be brief.", "Be kind.") };

        await _openAi.Model.CallAsync(Ask("q", stream: false, config));

        Assert.Equal(
            """[{"role":"system","content":"Be brief.\n\nBe kind."},{"role":"user","content":"q"}]""",
            _openAi.Server.Requests[0].Body.GetProperty("messages").GetRawText());
    }
}
