using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Api.Tests.Hosting;

namespace GenAI.Chats.Api.Tests.Web;

/// <summary>Requests that the REST API rejects: each with an HTTP status, and JSON that says why.</summary>
public sealed class RestErrorTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>, IDisposable
{
    private const string Chat = "/v1/chats/missing";
    private const string Turn = $"{Chat}/turns/t";

    private readonly WebApi _web = new(server);

    public void Dispose() => _web.Dispose();

    [Theory]

    // A body that isn't what the method takes.
    [InlineData("POST", "/v1/chats", "", 400, "INVALID_FIELD", "model")]
    [InlineData("POST", "/v1/chats", "[]", 400, "INVALID_FIELD", "body")]
    [InlineData("POST", "/v1/chats", "{", 400, "MALFORMED_REQUEST", null)]
    [InlineData("POST", "/v1/chats", "{} {}", 400, "MALFORMED_REQUEST", null)]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "model": "echo"}""", 400, "MALFORMED_REQUEST", null)]
    [InlineData("POST", "/v1/chats", """{"displayName": "a", "display_name": "b"}""", 400, "INVALID_FIELD", "display_name")]
    [InlineData("POST", "/v1/chats", """{"modle": "echo"}""", 400, "INVALID_FIELD", "modle")]
    [InlineData("POST", "/v1/chats", """{"model": 5}""", 400, "INVALID_FIELD", "model")]
    [InlineData("POST", "/v1/chats", """{"model": "\ud800"}""", 400, "INVALID_FIELD", "model")]
    [InlineData("POST", "/v1/chats", """{"model": "unknown-model"}""", 400, "UNKNOWN_MODEL", "model")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "ttl": 5}""", 400, "INVALID_FIELD", "ttl")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "ttl": "soon"}""", 400, "INVALID_FIELD", "ttl")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "expireTime": "tomorrow"}""", 400, "INVALID_FIELD", "expire_time")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "labels": []}""", 400, "INVALID_FIELD", "labels")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "labels": {"a": 1}}""", 400, "INVALID_FIELD", "labels.a")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "labels": {"a b": "1"}}""", 400, "INVALID_FIELD", "labels")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "history": {}}""", 400, "INVALID_FIELD", "history")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "history": [null]}""", 400, "INVALID_FIELD", "history[0]")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "history": [{"role": "user"}, {"role": "system"}]}""", 400, "INVALID_FIELD", "history[1].role")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "history": [{"parts": [{"text": 5}]}]}""", 400, "INVALID_FIELD", "history[0].parts[0].text")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "history": [{"parts": [{"text": "a", "inlineData": {}}]}]}""", 400, "INVALID_FIELD", "history[0].parts[0].inlineData")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "history": [{"parts": [{"inline_data": {}}]}]}""", 400, "INVALID_FIELD", "history[0].parts[0].inline_data")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "history": [{"parts": ["a"]}]}""", 400, "INVALID_FIELD", "history[0].parts[0]")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "config": {"temperature": "hot"}}""", 400, "INVALID_FIELD", "config.temperature")]
    [InlineData("POST", "/v1/chats", """{"model": "echo", "config": {"temprature": 1}}""", 400, "INVALID_FIELD", "config.temprature")]
    [InlineData("POST", $"{Chat}:sendMessage", "{}", 400, "INVALID_FIELD", "message")]
    [InlineData("POST", $"{Chat}:sendMessage", """{"text": "a", "message": {}}""", 400, "INVALID_FIELD", "message")]
    [InlineData("POST", $"{Chat}:sendMessage", """{"text": "a", "onBusy": "WAIT"}""", 400, "INVALID_FIELD", "on_busy")]
    [InlineData("POST", $"{Chat}:sendMessage", """{"text": "a", "onBusy": 1}""", 400, "INVALID_FIELD", "on_busy")]
    [InlineData("POST", $"{Chat}:sendMessage", """{"text": "a", "expectedRevision": 1.5}""", 400, "INVALID_FIELD", "expected_revision")]
    [InlineData("POST", $"{Chat}:sendMessage", """{"text": "a", "name": "chats/other"}""", 400, "INVALID_FIELD", "name")]
    [InlineData("POST", $"{Chat}:rewind", """{"revision": "9223372036854775808"}""", 400, "INVALID_FIELD", "revision")]
    [InlineData("POST", $"{Chat}:rewind", """{"erase": "true"}""", 400, "INVALID_FIELD", "erase")]
    [InlineData("PATCH", Chat, null, 400, "INVALID_FIELD", "chat")]
    [InlineData("PATCH", Chat, "{}", 400, "INVALID_FIELD", "update_mask")]
    [InlineData("PATCH", Chat, """{"revision": "1"}""", 400, "INVALID_FIELD", "update_mask")]
    [InlineData("PATCH", $"{Chat}?updateMask=modle", """{"model": "echo"}""", 400, "INVALID_FIELD", "update_mask")]
    [InlineData("PATCH", Chat, """{"name": "chats/other", "model": "echo"}""", 400, "INVALID_FIELD", "chat.name")]
    [InlineData("GET", Chat, "{}", 400, "INVALID_FIELD", "body")]
    [InlineData("DELETE", Chat, "{}", 400, "INVALID_FIELD", "body")]

    // Parameters.
    [InlineData("GET", "/v1/chats?pagesize=1", null, 400, "INVALID_FIELD", "pagesize")]
    [InlineData("GET", "/v1/chats?pageSize=one", null, 400, "INVALID_FIELD", "page_size")]
    [InlineData("GET", "/v1/chats?pageSize=-1", null, 400, "INVALID_FIELD", "page_size")]
    [InlineData("GET", "/v1/chats?pageSize=1&page_size=1", null, 400, "INVALID_FIELD", "page_size")]
    [InlineData("GET", "/v1/chats?pageSize=1&pageSize=1", null, 400, "INVALID_FIELD", "page_size")]
    [InlineData("GET", "/v1/chats?filter=x", null, 400, "INVALID_FILTER", "filter")]
    [InlineData("GET", "/v1/chats?pageToken=x", null, 400, "INVALID_PAGE_TOKEN", "page_token")]
    [InlineData("GET", $"{Chat}?name=chats/other", null, 400, "INVALID_FIELD", "name")]
    [InlineData("GET", $"{Chat}/turns?view=ALL", null, 400, "INVALID_FIELD", "view")]
    [InlineData("GET", $"{Chat}/turns?newestFirst=yes", null, 400, "INVALID_FIELD", "newest_first")]
    [InlineData("POST", $"{Chat}:sendMessage?text=a", "{}", 400, "INVALID_FIELD", "text")]
    [InlineData("DELETE", $"{Chat}?force=true", null, 400, "INVALID_FIELD", "force")]

    // What isn't there.
    [InlineData("GET", Chat, null, 404, "CHAT_NOT_FOUND", null)]
    [InlineData("DELETE", Chat, null, 404, "CHAT_NOT_FOUND", null)]
    [InlineData("PATCH", Chat, """{"displayName": "x"}""", 404, "CHAT_NOT_FOUND", null)]
    [InlineData("POST", $"{Chat}:sendMessage", """{"text": "a"}""", 404, "CHAT_NOT_FOUND", null)]
    [InlineData("POST", $"{Chat}:sendMessageStream", """{"text": "a"}""", 404, "CHAT_NOT_FOUND", null)]
    [InlineData("POST", $"{Chat}:recordHistory", """{"userInput": {"parts": [{"text": "a"}]}}""", 404, "CHAT_NOT_FOUND", null)]
    [InlineData("POST", $"{Chat}:rewind", "{}", 404, "CHAT_NOT_FOUND", null)]
    [InlineData("POST", $"{Chat}:fork", "{}", 404, "CHAT_NOT_FOUND", null)]
    [InlineData("GET", $"{Chat}:watch", null, 404, "CHAT_NOT_FOUND", null)]
    [InlineData("GET", $"{Chat}/history", null, 404, "CHAT_NOT_FOUND", null)]
    [InlineData("GET", $"{Chat}/turns", null, 404, "CHAT_NOT_FOUND", null)]
    [InlineData("GET", Turn, null, 404, "CHAT_NOT_FOUND", null)]
    [InlineData("GET", $"{Turn}:read", null, 404, "CHAT_NOT_FOUND", null)]
    [InlineData("POST", $"{Turn}:cancel", "{}", 404, "CHAT_NOT_FOUND", null)]
    [InlineData("GET", "/v1/threads", null, 404, "URL_NOT_FOUND", null)]
    [InlineData("GET", "/v1/chats/a/b/c/d", null, 404, "URL_NOT_FOUND", null)]
    [InlineData("GET", $"{Chat}:sendMessage", null, 405, "METHOD_NOT_ALLOWED", null)]
    [InlineData("PUT", Chat, "{}", 405, "METHOD_NOT_ALLOWED", null)]
    [InlineData("GET", $"{Chat}:unknown", null, 404, "URL_NOT_FOUND", null)]
    [InlineData("POST", $"{Turn}:read", "{}", 405, "METHOD_NOT_ALLOWED", null)]
    [InlineData("GET", "/v1/chats/-a", null, 400, "INVALID_FIELD", "name")]

    // URLs that proxies could understand in another way.
    [InlineData("GET", "/v1/chats/a%2Fb", null, 400, "INVALID_FIELD", "path")]
    [InlineData("GET", "/v1/chats/a%5Cb", null, 400, "INVALID_FIELD", "path")]
    [InlineData("GET", "/v1/chats/a%252Fb", null, 400, "INVALID_FIELD", "path")]
    [InlineData("GET", "/v1/chats/a/../b", null, 400, "INVALID_FIELD", "path")]
    [InlineData("GET", "/v1/chats/a/%2E%2e/b", null, 400, "INVALID_FIELD", "path")]
    [InlineData("GET", "/v1/./chats", null, 400, "INVALID_FIELD", "path")]
    public async Task Request_Invalid_FailsWithAReason(string method, string path, string? json, int status, string reason, string? field)
    {
        var answer = await _web.SendAsync(method, path, json);

        Assert.True((int)answer.Status == status && answer.Reason == reason && answer.Field == field, $"{(int)answer.Status} {answer.Json}");
        Assert.Equal(status, (int?)answer.Json!["error"]!["code"]);
        Assert.Equal("application/json", answer.Headers["Content-Type"]);
        Assert.NotEqual("", answer.Message);
    }

    [Theory]
    [InlineData("text/plain", null)]
    [InlineData("application/x-www-form-urlencoded", null)]
    [InlineData("application/json; charset=utf-16", null)]
    [InlineData("application/json", "gzip")]
    public async Task Body_OfAnotherType_IsRejected(string type, string? encoding)
    {
        var headers = ((string Name, string? Value)[])[("Content-Type", type), ("Content-Encoding", encoding)];

        var answer = await _web.PostAsync("/v1/chats", """{"model": "echo"}""", [.. headers.Where(h => h.Value is not null).Select(h => (h.Name, h.Value!))]);

        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE"), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task Body_InvalidUtf8_IsRejected()
    {
        using var content = new ByteArrayContent([.. "{\"model\": \""u8, 0xC3, 0x28, .. "\"}"u8]);
        content.Headers.ContentType = new("application/json");
        using var response = await _web.Http.PostAsync("/v1/chats", content);

        Assert.Equal("MALFORMED_REQUEST", (await WebAnswer.OfAsync(response)).Reason);
    }

    [Fact]
    public async Task Body_NestedDeeply_IsRejected()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"a": """, 40)) + "1" + new string('}', 40);
        var tooDeep = string.Concat(Enumerable.Repeat("[", 500)) + new string(']', 500);

        var kept = await _web.PostAsync("/v1/chats", $$$"""{"model": "echo", "history": [{"role": "user", "parts": [{"new": {{{deep}}}}]}]}""");
        var parsed = await _web.PostAsync("/v1/chats", $$"""{"model": {{tooDeep}}}""");

        Assert.Equal((HttpStatusCode.BadRequest, "history[0]"), (kept.Status, kept.Field));
        Assert.Equal((HttpStatusCode.BadRequest, "MALFORMED_REQUEST"), (parsed.Status, parsed.Reason));
    }

    [Fact]
    public async Task TurnOfAModelThatFails_FailsWithItsError()
    {
        var path = await _web.NewChatAsync(more: """, "config": {"labels": {"echo-fail-at": "2"}}""");

        var failed = await _web.PostAsync($"{path}:sendMessage", """{"text": "one two"}""");
        var events = await _web.EventsAsync("POST", $"{path}:sendMessageStream", """{"text": "one two"}""");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "MODEL_UNAVAILABLE"), (failed.Status, failed.Reason));
        Assert.Equal("UNAVAILABLE", (string?)failed.Json!["error"]!["status"]);

        // The last event has the error.
        Assert.Equal(["started", "chunk", "ended"], events.Select(e => e.EventType));
        Assert.Equal("MODEL_UNAVAILABLE", (string?)JsonNode.Parse(events[2].Data)!["ended"]!["error"]!["reason"]);
    }

    [Fact]
    public async Task MethodNotAllowed_NamesTheMethods()
    {
        Assert.Equal("GET, PATCH, DELETE", (await _web.SendAsync("PUT", Chat, "{}")).Headers["Allow"]);
    }

    [Fact]
    public async Task Headers_Huge_AreRejected()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/chats");
        request.Headers.Add("x-large", new string('x', 100_000));
        using var response = await _web.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData("Content-Length: 1000000000\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n", "10000\r\n")]
    public async Task Body_Huge_IsRejectedBeforeItIsRead(string header, string body)
    {
        await using var small = new DisposableServer(await TestServer.StartAsync("--Chats:MaxMessageBytes=16384"));
        using var connection = new TcpClient();
        await connection.ConnectAsync(small.Value.Addresses.Http.Host, small.Value.Addresses.Http.Port);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /v1/chats HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{header}\r\n{body}{(body.Length > 0 ? new string(' ', 0x10000) : "")}"));
        using var reader = new StreamReader(stream);

        Assert.Equal("HTTP/1.1 413 Payload Too Large", await reader.ReadLineAsync().InTime());
    }

    [Fact]
    public async Task Body_ArrivesTooSlowly_IsRejectedWithoutEffect()
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(Server.Addresses.Http.Host, Server.Addresses.Http.Port);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /v1/chats HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{\"model\": \"echo\", \"chatId\": \"slow-body\""));
        using var reader = new StreamReader(stream);

        Assert.Equal("HTTP/1.1 408 Request Timeout", await reader.ReadLineAsync().InTime());
        Assert.Contains("REQUEST_TIMEOUT", await reader.ReadToEndAsync().InTime(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _web.GetAsync("/v1/chats/slow-body")).Status);
    }
}
