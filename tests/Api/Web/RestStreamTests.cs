using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.ScriptedGemini;

namespace GenAI.Chats.Api.Tests.Web;

/// <summary>Streams of the REST API: how events are sent, and how a client goes on where it was.</summary>
public sealed class RestStreamTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>, IDisposable
{
    private const string Message = """{"text": "one two three"}""";

    private readonly WebApi _web = new(server);

    public void Dispose() => _web.Dispose();

    [Fact]
    public async Task SendMessageStream_IsAnEventStream()
    {
        var path = await _web.NewChatAsync();

        using var response = await _web.Http.PostAsync($"{path}:sendMessageStream", new StringContent(Message, Encoding.UTF8, "application/json"));
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(("no-store, no-transform", "no"), (response.Headers.CacheControl!.ToString().Replace("no-transform, no-store", "no-store, no-transform", StringComparison.Ordinal), response.Headers.GetValues("X-Accel-Buffering").Single()));
        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.StartsWith("retry: 1000\n\nid: 1\nevent: started\ndata: {\"offset\":\"1\",\"started\":{", text, StringComparison.Ordinal);
        var turn = response.Headers.GetValues("turn-id").Single();
        Assert.Contains($"id: 5\nevent: ended\ndata: {{\"offset\":\"5\",\"ended\":{{\"turnId\":\"{turn}\"", text, StringComparison.Ordinal);
        Assert.EndsWith("}\n\n", text, StringComparison.Ordinal);
        Assert.NotEmpty(response.Headers.GetValues("request-id").Single());
    }

    [Fact]
    public async Task Lines_AreSentIfTheyAreAccepted()
    {
        var path = await _web.NewChatAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{path}:sendMessageStream") { Content = new StringContent(Message, Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd("application/x-ndjson");

        using var response = await _web.Http.SendAsync(request);
        var lines = (await response.Content.ReadAsStringAsync()).Split('\n');

        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("", lines[^1]);
        Assert.Equal(["1", "2", "3", "4", "5"], lines[..^1].Select(line => (string?)JsonNode.Parse(line)!["offset"]));
    }

    [Fact]
    public async Task ReadTurn_LastEventId_ResumesFromEveryEvent()
    {
        var path = await _web.NewChatAsync();
        var all = await _web.EventsAsync("POST", $"{path}:sendMessageStream", Message);
        var read = $"{path}/turns/{JsonNode.Parse(all[0].Data)!["started"]!["turnId"]}:read";

        for (var i = 0; i < all.Count - 1; i++)
        {
            Same(all[(i + 1)..], await _web.EventsAsync("GET", read, null, ("Last-Event-ID", all[i].EventId!)));
            Same(all[(i + 1)..], await _web.EventsAsync("GET", $"{read}?afterOffset={all[i].EventId}"));
            Same(all[(i + 1)..], await _web.EventsAsync("GET", $"{read}?afterOffset=1", null, ("Last-Event-ID", all[i].EventId!)));
        }

        // A browser that has all events doesn't reconnect again.
        using var over = await _web.StreamAsync("GET", read, null, ("Last-Event-ID", all[^1].EventId!), ("Accept", "text/event-stream"));
        Assert.Equal(HttpStatusCode.NoContent, over.Response.StatusCode);
        Assert.Equal("Last-Event-ID", (await _web.GetAsync(read, ("Last-Event-ID", "x"))).Field);
    }

    [Fact]
    public async Task SendMessageStream_SentAgainWithLastEventId_Resumes()
    {
        var path = await _web.NewChatAsync();
        var all = await _web.EventsAsync("POST", $"{path}:sendMessageStream", Message, ("Idempotency-Key", "once"));

        var rest = await _web.EventsAsync("POST", $"{path}:sendMessageStream", Message, ("Idempotency-Key", "once"), ("Last-Event-ID", "3"));
        var blind = await _web.PostAsync($"{path}:sendMessageStream", Message, ("Last-Event-ID", "3"));

        Same(all[3..], rest);
        Assert.Equal((HttpStatusCode.BadRequest, "Last-Event-ID"), (blind.Status, blind.Field));
        Assert.Equal("1", (string?)(await _web.GetAsync(path)).Json!["turnCount"]);
    }

    [Fact]
    public async Task WatchChat_LastEventId_ResumesAfterEveryEvent()
    {
        var path = await _web.NewChatAsync();
        using var watch = await _web.StreamAsync("GET", $"{path}:watch");
        var all = new List<SseItem<string>> { await watch.NextAsync() };
        await _web.EventsAsync("POST", $"{path}:sendMessageStream", Message);
        while (all[^1].EventType != "chat" || all.Count == 1)
        {
            all.Add(await watch.NextAsync());
        }

        Assert.Equal("chat", all[0].EventType);
        Assert.Contains("accepted", all.Select(e => e.EventType));
        for (var i = 1; i < all.Count - 1; i++)
        {
            using var resumed = await _web.StreamAsync("GET", $"{path}:watch", null, ("Last-Event-ID", all[i].EventId!));
            var next = await resumed.NextAsync();
            next = next.EventType == "chat" && all[i + 1].EventType != "chat" ? await resumed.NextAsync() : next;
            Assert.Equal((all[i + 1].EventType, TurnOf(all[i + 1])), (next.EventType, TurnOf(next)));
        }

        await _web.SendAsync("DELETE", path);
        Assert.Equal("deleted", (await watch.ToListAsync())[^1].EventType);
        Assert.Equal("INVALID_WATCH_TOKEN", (await _web.GetAsync($"{path}:watch?token=x")).Reason);
        Assert.Equal(["chat"], await FirstAsync($"{await _web.NewChatAsync()}:watch?detail=DETAIL_CHAT"));
    }

    [Fact]
    public async Task Chunks_ArriveAsTheModelSendsThem()
    {
        var chat = await Server.NewChatAsync();
        var gate = new Gate();
        chat.Answer(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).WaitFor(gate).Event(GeminiJson.Text("two", "STOP")));

        using var stream = await _web.StreamAsync("POST", $"/v1/{chat.Name}:sendMessageStream", Message);
        Assert.Equal("1", (await stream.NextAsync()).EventId);
        Assert.Equal("2", (await stream.NextAsync()).EventId);
        gate.Open();

        Assert.Equal(["chunk", "ended"], (await stream.ToListAsync()).Select(e => e.EventType));
    }

    [Fact]
    public async Task Client_Disconnects_TurnIsCancelledIfItAskedForThat()
    {
        var chat = await Server.NewChatAsync();
        chat.Answer(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).Hang());
        using (var stream = await _web.StreamAsync("POST", $"/v1/{chat.Name}:sendMessageStream", """{"text": "hi", "onDisconnect": "DISCONNECT_POLICY_CANCEL"}"""))
        {
            await stream.NextAsync();
            await stream.NextAsync();
        }

        await chat.Requests[0].ClosedByClient.InTime();
    }

    [Fact]
    public async Task Server_Stops_StreamEndsWithoutErrorAndBrowsersReconnect()
    {
        await using var owner = new DisposableServer(await TestServer.StartAsync("--Chats:DrainTimeout=00:00:00.2"), "DrainOver");
        using var web = new WebApi(owner.Value);
        var chat = await owner.Value.NewChatAsync();
        chat.Answer(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).Hang());
        using var sent = await web.StreamAsync("POST", $"/v1/{chat.Name}:sendMessageStream", Message);
        await sent.NextAsync();
        using var watch = await web.StreamAsync("GET", $"/v1/{chat.Name}:watch");
        await watch.NextAsync();

        var stopped = owner.Value.StopAsync();

        Assert.Equal(["chunk"], (await sent.ToListAsync()).Select(e => e.EventType));
        Assert.DoesNotContain("error", (await watch.ToListAsync()).Select(e => e.EventType));
        await stopped;
    }

    private static string? TurnOf(SseItem<string> next) => JsonNode.Parse(next.Data)!["turn"]?.ToJsonString();

    private async Task<List<string>> FirstAsync(string path)
    {
        using var stream = await _web.StreamAsync("GET", path);
        return [(await stream.NextAsync()).EventType];
    }

    private static void Same(IEnumerable<SseItem<string>> expected, IEnumerable<SseItem<string>> actual) =>
        Assert.Equal(expected.Select(e => (e.EventId, e.EventType, e.Data)), actual.Select(e => (e.EventId, e.EventType, e.Data)));
}
