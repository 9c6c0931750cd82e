using System.Net;
using System.Text.Json.Nodes;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.ScriptedGemini;

namespace GenAI.Chats.Api.Tests.Web.Ui;

/// <summary>The UI message stream of the AI SDK: what a model's response becomes, and which requests are rejected. The real client is in the system tests.</summary>
public sealed class UiStreamTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>, IDisposable
{
    private const string Path = "/api/ui/chat";

    private readonly WebApi _web = new(server);

    public void Dispose() => _web.Dispose();

    [Fact]
    public async Task Response_ThoughtsFilesAndCode_AreParts()
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(ScriptedReply.Stream()
            .Event(Parts("""[{"text": "Let me ", "thought": true}]"""))
            .Event(Parts("""[{"text": "think.", "thought": true, "thoughtSignature": "s"}, {"text": "He"}]"""))
            .Event(Parts("""[{"text": "re", "thoughtSignature": "t"}, {"text": ""}, {"inlineData": {"mimeType": "image/png", "data": "iVBORw=="}}]"""))
            .Event(Parts("""[{"executableCode": {"language": "PYTHON", "code": "print(2)"}}, {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}}]"""))
            .Event(Parts("""[{"text": "end"}]""", "MAX_TOKENS")));

        var chunks = await PostAsync(Request(chat.Name, "hi"));

        Assert.Equal(
            [
                "start", "start-step", "message-metadata", "reasoning-start", "reasoning-delta", "reasoning-delta", "reasoning-end", "text-start", "text-delta", "text-delta", "text-end", "file",
                "tool-input-start", "tool-input-delta", "tool-input-available", "tool-output-available", "text-start", "text-delta", "text-end", "finish-step", "finish",
            ],
            chunks.Select(chunk => (string)chunk["type"]!));
        Assert.Equal("length", (string?)chunks[^1]["finishReason"]);
        Assert.Equal("""{"type":"file","mediaType":"image/png","url":"data:image/png;base64,iVBORw=="}""", chunks.Single(chunk => (string?)chunk["type"] == "file").ToJsonString());
        var messages = (await _web.GetAsync($"{Path}/{Id(chat.Name)}/messages")).Expect(HttpStatusCode.OK).AsArray();
        var turnId = (string)chunks[0]["messageId"]!;
        Assert.Equal((turnId, "user-1"), ((string?)messages[1]!["id"], (string?)messages[0]!["id"]));
        Assert.Equal(
            $$$"""
            [{"type":"step-start"},
             {"type":"reasoning","id":"{{{turnId}}}.1","text":"Let me think.","state":"done"},
             {"type":"text","text":"Here","state":"done"},
             {"type":"file","mediaType":"image/png","url":"data:image/png;base64,iVBORw=="},
             {"type":"tool-code_execution","toolCallId":"{{{turnId}}}.1","state":"output-available","input":{"language":"PYTHON","code":"print(2)"},"providerExecuted":true,"output":{"outcome":"OUTCOME_OK","output":"2"}},
             {"type":"text","text":"end","state":"done"}]
            """.Replace("\n", "", StringComparison.Ordinal).Replace(" {", "{", StringComparison.Ordinal),
            messages[1]!["parts"]!.ToJsonString());
    }

    [Fact]
    public async Task Calls_IdsAndNumbers_ReachTheModelAsTheyWere()
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(ScriptedReply.Stream().Event(Parts(
            """[{"functionCall": {"id": "a1", "name": "sum", "args": {"n": 12345678901234567890}}}, {"functionCall": {"name": "sum", "args": {"n": 1.0}}}]""", "STOP")));
        var chunks = await PostAsync(Request(chat.Name, "hi"));
        var calls = chunks.Where(chunk => (string?)chunk["type"] == "tool-input-available").ToList();
        var turnId = (string)chunks[0]["messageId"]!;
        Assert.Equal(["a1", $"{turnId}.2"], calls.Select(call => (string?)call["toolCallId"]));
        Assert.Equal(["""{"n":12345678901234567890}""", """{"n":1.0}"""], calls.Select(call => call["input"]!.ToJsonString()));
        Assert.Equal("tool-calls", (string?)chunks[^1]["finishReason"]);

        chat.Answer(ScriptedReply.Stream().Event(GeminiJson.Text("done", "STOP")));
        var next = await PostAsync($$"""
            {"id": "{{Id(chat.Name)}}", "messageId": "{{turnId}}", "messages": [{"id": "{{turnId}}", "role": "assistant", "parts": [
              {"type": "step-start"},
              {"type": "tool-sum", "toolCallId": "x", "state": "output-available", "output": "of an earlier step"},
              {"type": "step-start"},
              {"type": "tool-search", "toolCallId": "y", "state": "output-available", "output": 1, "providerExecuted": true},
              {"type": "dynamic-tool", "toolName": "sum", "toolCallId": "a1", "state": "output-available", "output": 98765432109876543210},
              {"type": "tool-sum", "toolCallId": "{{turnId}}.2", "state": "output-error", "errorText": "no"}]}]}
            """);

        Assert.Equal(turnId, (string?)next[0]["messageId"]);
        Assert.Equal(
            """[{"functionResponse":{"id":"a1","name":"sum","response":{"output":98765432109876543210}}},{"functionResponse":{"name":"sum","response":{"error":"no"}}}]""",
            chat.LastContents()[^1]!["parts"]!.ToJsonString());
    }

    [Fact]
    public async Task Resume_LastTurnHasEnded_ReplaysItOnlyIfItIsAtTheHead()
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(ScriptedReply.Stream().Event(GeminiJson.Text("first", "STOP")));
        await PostAsync(Request(chat.Name, "hi"));
        Assert.Equal("first", await ResumedAsync(chat.Name));

        chat.Answer(ScriptedReply.Error(400, "INVALID_ARGUMENT", "no"));
        await PostAsync(Request(chat.Name, "again", id: "user-2"));
        Assert.Null(await ResumedAsync(chat.Name));

        chat.Answer(ScriptedReply.Stream().Event(GeminiJson.Text("third", "STOP")));
        await PostAsync(Request(chat.Name, "and again", id: "user-3"));
        Assert.Equal("third", await ResumedAsync(chat.Name));

        await _web.PostAsync($"/v1/{chat.Name}:rewind", """{"revision": "1"}""");
        Assert.Null(await ResumedAsync(chat.Name));
    }

    [Theory]
    [InlineData("[]", "body")]
    [InlineData("""{"id": "a"}""", "messages")]
    [InlineData("""{"id": "a", "messages": []}""", "messages")]
    [InlineData("""{"id": "a/b", "messages": [{"id": "1", "role": "user", "parts": [{"type": "text", "text": "x"}]}]}""", "id")]
    [InlineData("""{"messages": [{"id": "1", "role": "user", "parts": [{"type": "text", "text": "x"}]}]}""", "id")]
    [InlineData("""{"id": "a", "messages": [{"role": "user", "parts": [{"type": "text", "text": "x"}]}]}""", "messages[0].id")]
    [InlineData("""{"id": "a", "messages": [{"id": "1", "role": "user"}]}""", "messages[0].parts")]
    [InlineData("""{"id": "a", "messages": [{"id": "1", "role": "user", "parts": [{"type": "text"}]}]}""", "messages[0].parts[0].text")]
    [InlineData("""{"id": "a", "messages": [{"id": "1", "role": "user", "parts": [{"type": "file", "url": "data:text/plain,x"}]}]}""", "messages[0].parts[0].url")]
    [InlineData("""{"id": "a", "messages": [{"id": "1", "role": "assistant", "parts": [{"type": "text", "text": "x"}]}]}""", "messages[0]")]
    [InlineData("""{"id": "a", "trigger": "x", "messages": []}""", "trigger")]
    [InlineData("""{"id": "a", "modle": "echo", "messages": []}""", "modle")]
    [InlineData("""{"id": "a", "config": {"temperature": "hot"}, "messages": [{"id": "1", "role": "user", "parts": [{"type": "text", "text": "x"}]}]}""", "config.temperature")]
    [InlineData("""{"id": "a", "model": "echo", "messages": [{"id": "\u00e4", "role": "user", "parts": [{"type": "text", "text": "x"}]}]}""", "request_id")]
    public async Task Request_Invalid_IsRejectedWithTheFieldAndText(string json, string field)
    {
        using var response = await _web.Http.PostAsync(Path, new StringContent(json, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal((HttpStatusCode.BadRequest, "text/plain"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.StartsWith($"{field} ", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("x-vercel-ai-ui-message-stream"));
    }

    [Theory]
    [InlineData("GET", $"{Path}/a%2Fb/stream", HttpStatusCode.BadRequest)]
    [InlineData("GET", $"{Path}/../chat/a/stream", HttpStatusCode.BadRequest)]
    [InlineData("GET", $"{Path}/-/messages", HttpStatusCode.BadRequest)]
    [InlineData("GET", $"{Path}/a/messages?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("GET", $"{Path}/a/messages?revision=x", HttpStatusCode.BadRequest)]
    [InlineData("POST", $"{Path}/a/stream", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", Path, HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", $"{Path}/a/nothing", HttpStatusCode.NotFound)]
    public async Task Url_Invalid_IsRejected(string method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_web.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        using var response = await _web.Http.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
    }

    [Fact]
    public async Task Page_OfAnotherOrigin_ChangesNothing()
    {
        var path = await _web.NewChatAsync();
        var id = path[(path.LastIndexOf('/') + 1)..];

        var sent = await _web.Http.SendAsync(OfOrigin(Path, $$"""{"id": "{{id}}", "messages": [{"id": "1", "role": "user", "parts": [{"type": "text", "text": "x"}]}]}"""));
        var stopped = await _web.Http.SendAsync(OfOrigin($"{Path}/{id}/stop", null));

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (sent.StatusCode, stopped.StatusCode));
        Assert.Null((await _web.GetAsync(path)).Json!["turnCount"]);
    }

    [Fact]
    public async Task Messages_InitialHistoryAndOtherClients_AreListed()
    {
        var path = await _web.NewChatAsync(more: """, "history": [{"role": "user", "parts": [{"text": "a"}]}, {"role": "model", "parts": [{"text": "b"}]}]""");
        var id = path[(path.LastIndexOf('/') + 1)..];
        await _web.PostAsync($"{path}:sendMessage", """{"text": "c"}""");
        await _web.PostAsync($"{path}:sendMessage", """{"text": "d"}""");

        var all = (await _web.GetAsync($"{Path}/{id}/messages")).Json!.AsArray();
        var last = (await _web.GetAsync($"{Path}/{id}/messages?limit=1")).Json!.AsArray();
        var before = (await _web.GetAsync($"{Path}/{id}/messages?limit=1&revision={last[0]!["metadata"]!["parentRevision"]}")).Json!.AsArray();

        Assert.Equal(["a", "b", "c", "c", "d", "d"], all.Select(TextOf));
        Assert.Equal(["d", "d"], last.Select(TextOf));
        Assert.Equal(["a", "b", "c", "c"], before.Select(TextOf));
    }

    private static string? TextOf(JsonNode? message) => (string?)message!["parts"]!.AsArray().Single(part => (string?)part!["type"] == "text")!["text"];

    private static string Id(string name) => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private static string Request(string name, string text, string id = "user-1") =>
        $$"""{"id": "{{Id(name)}}", "trigger": "submit-message", "messages": [{"id": "{{id}}", "role": "user", "parts": [{"type": "text", "text": "{{text}}"}]}]}""";

    private static string Parts(string parts, string? finishReason = null) => GeminiJson.Response(JsonNode.Parse(parts)!.AsArray().Select(part => part!.DeepClone()), finishReason);

    private static HttpRequestMessage OfOrigin(string path, string? json) => new(HttpMethod.Post, path)
    {
        Content = json is null ? null : new StringContent(json, System.Text.Encoding.UTF8, "application/json"),
        Headers = { { "Origin", "https://evil.example" } },
    };

    // The text of the response that a resume shows. Null if there is none.
    private async Task<string?> ResumedAsync(string name)
    {
        using var stream = await _web.StreamAsync("GET", $"{Path}/{Id(name)}/stream");
        return stream.Response.StatusCode == HttpStatusCode.NoContent ? null
            : string.Concat((await stream.ToListAsync())[..^1].Select(next => (string?)JsonNode.Parse(next.Data)!["delta"]));
    }

    private async Task<List<JsonNode>> PostAsync(string json)
    {
        var events = await _web.EventsAsync("POST", Path, json);
        Assert.Equal("[DONE]", events[^1].Data);
        return [.. events[..^1].Select(next => JsonNode.Parse(next.Data)!)];
    }
}
