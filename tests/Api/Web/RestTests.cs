using System.Net;
using System.Text.Json.Nodes;
using GenAI.Chats.Api.Tests.Hosting;

namespace GenAI.Chats.Api.Tests.Web;

/// <summary>Each route of the REST API, used as it is meant.</summary>
public sealed class RestTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>, IDisposable
{
    private readonly WebApi _web = new(server);

    public void Dispose() => _web.Dispose();

    [Fact]
    public async Task Chats_CreateGetChangeListDelete()
    {
        var id = $"c-{Guid.NewGuid():N}";
        var created = await _web.PostAsync("/v1/chats", $$"""{"model": "echo", "chatId": "{{id}}", "displayName": "First", "labels": {"user": "a b"}, "ttl": "3600s"}""");
        var chat = created.Expect(HttpStatusCode.OK);
        Assert.Equal($"chats/{id}", (string?)chat["name"]);
        Assert.Equal("3600s", (string?)chat["ttl"]);
        Assert.Equal(("application/json", "no-store", "nosniff"), (created.Headers["Content-Type"], created.Headers["Cache-Control"], created.Headers["X-Content-Type-Options"]));

        var got = await _web.GetAsync($"/v1/chats/{id}");
        Assert.Equal(chat.ToJsonString(), got.Expect(HttpStatusCode.OK).ToJsonString());
        Assert.Equal("\"0\"", got.Headers["ETag"]);

        var changed = await _web.SendAsync("PATCH", $"/v1/chats/{id}", """{"displayName": "Second", "ttl": null}""");
        Assert.Equal("Second", (string?)changed.Expect(HttpStatusCode.OK)["displayName"]);
        Assert.Null(changed.Json!["ttl"]);
        Assert.Equal("a b", (string?)changed.Json["labels"]!["user"]);
        changed = await _web.SendAsync("PATCH", $"/v1/chats/{id}?updateMask=labels,display_name", """{"displayName": "Third", "model": "ignored"}""");
        Assert.Equal(("Third", "echo"), ((string?)changed.Expect(HttpStatusCode.OK)["displayName"], (string?)changed.Json!["model"]));
        Assert.Null(changed.Json["labels"]);

        await _web.SendAsync("PATCH", $"/v1/chats/{id}", $$$"""{"labels": {"mine": "{{{id}}}"}}""");
        var filter = Uri.EscapeDataString($"labels.mine = \"{id}\"");
        var list = await _web.GetAsync($"/v1/chats?filter={filter}&pageSize=1&page_token=");
        Assert.Equal($"chats/{id}", (string?)Assert.Single(list.Expect(HttpStatusCode.OK)["chats"]!.AsArray())!["name"]);

        Assert.Equal("{}", (await _web.SendAsync("DELETE", $"/v1/chats/{id}")).Expect(HttpStatusCode.OK).ToJsonString());
        Assert.Equal("CHAT_NOT_FOUND", (await _web.SendAsync("DELETE", $"/v1/chats/{id}")).Reason);
        (await _web.SendAsync("DELETE", $"/v1/chats/{id}?allowMissing=true")).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Turns_SendReadListRecordRewindFork()
    {
        var path = await _web.NewChatAsync();

        var sent = (await _web.PostAsync($"{path}:sendMessage", """{"text": "One two"}""")).Expect(HttpStatusCode.OK);
        Assert.Equal("One two", (string?)sent["response"]!["candidates"]![0]!["content"]!["parts"]![0]!["text"]);
        Assert.Equal(("STATE_COMPLETED", "1"), ((string?)sent["turn"]!["state"], (string?)sent["turn"]!["revision"]));
        var turn = (string)sent["turn"]!["turnId"]!;

        var got = (await _web.GetAsync($"{path}/turns/{turn}")).Expect(HttpStatusCode.OK);
        Assert.Equal("One two", (string?)got["message"]!["parts"]![0]!["text"]);
        Assert.Equal(got.ToJsonString(), (await _web.GetAsync($"{path}/turns/-?turnRequestId={sent["turn"]!["requestId"]}")).Expect(HttpStatusCode.OK).ToJsonString());
        Assert.Equal("STATE_COMPLETED", (string?)(await _web.SendAsync("POST", $"{path}/turns/{turn}:cancel")).Expect(HttpStatusCode.OK)["state"]);
        Assert.Equal("STATE_COMPLETED", (string?)(await _web.PostAsync($"{path}/turns/{turn}:cancel", "{}")).Expect(HttpStatusCode.OK)["state"]);

        var recorded = await _web.PostAsync(
            $"{path}:recordHistory",
            """{"userInput": {"role": "user", "parts": [{"text": "a"}]}, "modelOutput": [{"role": "model", "parts": [{"text": "b"}]}], "isValid": true}""");
        Assert.Equal("2", (string?)recorded.Expect(HttpStatusCode.OK)["revision"]);

        var turns = (await _web.GetAsync($"{path}/turns?view=TURN_VIEW_FULL&newestFirst=true&allBranches=true")).Expect(HttpStatusCode.OK);
        Assert.Equal(["a", "One two"], turns["turns"]!.AsArray().Select(t => (string?)t!["message"]!["parts"]![0]!["text"]));

        var rewound = await _web.PostAsync($"{path}:rewind", """{"revision": 1}""");
        Assert.Equal("1", (string?)rewound.Expect(HttpStatusCode.OK)["headRevision"]);
        Assert.Equal("\"3\"", rewound.Headers["ETag"]);
        var history = (await _web.GetAsync($"{path}/history?curated=true&pageSize=10")).Expect(HttpStatusCode.OK);
        Assert.Equal(["user", "model"], history["history"]!.AsArray().Select(c => (string?)c!["role"]));

        var fork = (await _web.PostAsync($"{path}:fork", """{"revision": "0", "displayName": "Fork"}""")).Expect(HttpStatusCode.OK);
        Assert.Equal((path, "Fork"), ($"/v1/{fork["forkedFrom"]!["name"]}", (string?)fork["displayName"]));
        Assert.Empty((await _web.GetAsync($"/v1/{fork["name"]}/history")).Expect(HttpStatusCode.OK).AsObject());
    }

    [Fact]
    public async Task Names_AsInTheContract_AreAccepted()
    {
        var path = await _web.NewChatAsync(more: """, "display_name": "snake", "config": {"temperature": 0.5, "labels": {"echo-repeat": "2"}}""");

        var chat = (await _web.GetAsync(path)).Expect(HttpStatusCode.OK);

        Assert.Equal("snake", (string?)chat["displayName"]);
        Assert.Equal("""{"temperature":0.5,"labels":{"echo-repeat":"2"}}""", chat["config"]!.ToJsonString());
    }

    [Fact]
    public async Task UnknownMembersOfContents_AreKept()
    {
        // Also a number that a double doesn't hold, and a line break that isn't in a string.
        const string parts = """
            [
              {"text": "hi", "novelty": {"of": [1, 2.50, 12345678901234567890, null, "x"],
               "and": "y"}},
              {"hologram": {"depth": 3}}
            ]
            """;
        var chat = await Server.NewChatAsync();
        var answer = $$$"""{"candidates": [{"content": {"role": "model", "parts": {{{parts}}}, "mood": "fine"}, "finishReason": "STOP"}]}""";
        chat.Answer(TestKit.ScriptedGemini.ScriptedReply.Stream().Event(answer.ReplaceLineEndings(" ")));

        var events = await _web.EventsAsync("POST", $"/v1/{chat.Name}:sendMessageStream", $$$"""{"message": {"parts": {{{parts}}}, "mood": "good"}}""");

        Assert.Equal(["started", "chunk", "ended"], events.Select(e => e.EventType));
        Same(parts, JsonNode.Parse(events[1].Data)!["chunk"]!["candidates"]![0]!["content"]!["parts"]);
        Same(parts, chat.LastContents()[0]!["parts"]);
        Assert.Equal("good", (string?)chat.LastContents()[0]!["mood"]);
        var history = (await _web.GetAsync($"/v1/{chat.Name}/history")).Expect(HttpStatusCode.OK)["history"]!.AsArray();
        Assert.All(history, content => Same(parts, content!["parts"]));
        Assert.Equal(["good", "fine"], history.Select(content => (string?)content!["mood"]));
        var turn = JsonNode.Parse(events[2].Data)!["ended"]!["turnId"];
        var read = await _web.EventsAsync("GET", $"/v1/{chat.Name}/turns/{turn}:read");
        Assert.Equal(events.Select(e => (e.EventId, e.EventType, e.Data)), read.Select(e => (e.EventId, e.EventType, e.Data)));
    }

    [Fact]
    public async Task IdempotencyKey_IsTheRequestId()
    {
        var path = await _web.NewChatAsync();

        var first = (await _web.PostAsync($"{path}:sendMessage", """{"text": "hi"}""", ("Idempotency-Key", "key-1"))).Expect(HttpStatusCode.OK);
        var quoted = (await _web.PostAsync($"{path}:sendMessage", """{"text": "hi"}""", ("Idempotency-Key", "\"key-1\""))).Expect(HttpStatusCode.OK);
        var inBody = (await _web.PostAsync($"{path}:sendMessage", """{"text": "hi", "requestId": "key-1"}""")).Expect(HttpStatusCode.OK);
        var reused = await _web.PostAsync($"{path}:sendMessage", """{"text": "other"}""", ("Idempotency-Key", "key-1"));
        var differs = await _web.PostAsync($"{path}:sendMessage", """{"text": "hi", "requestId": "key-2"}""", ("Idempotency-Key", "key-1"));

        Assert.Equal("key-1", (string?)first["turn"]!["requestId"]);
        Assert.All([quoted, inBody], answer => Assert.Equal((string?)first["turn"]!["turnId"], (string?)answer["turn"]!["turnId"]));
        Assert.Equal((HttpStatusCode.BadRequest, "REQUEST_ID_REUSED"), (reused.Status, reused.Reason));
        Assert.Equal((HttpStatusCode.BadRequest, "request_id"), (differs.Status, differs.Field));
    }

    [Fact]
    public async Task IfMatch_IsTheExpectedRevision()
    {
        var path = await _web.NewChatAsync();
        var tag = (await _web.GetAsync(path)).Headers["ETag"];

        (await _web.PostAsync($"{path}:sendMessage", """{"text": "hi"}""", ("If-Match", tag))).Expect(HttpStatusCode.OK);
        var late = await _web.PostAsync($"{path}:sendMessage", """{"text": "hi"}""", ("If-Match", tag));
        var inBody = await _web.PostAsync($"{path}:sendMessage", """{"text": "hi", "expectedRevision": "0"}""");
        var any = await _web.PostAsync($"{path}:sendMessage", """{"text": "hi"}""", ("If-Match", "*"));
        var unsupported = await _web.SendAsync("PATCH", path, """{"displayName": "x"}""", ("If-Match", tag));
        var invalid = await _web.PostAsync($"{path}:sendMessage", """{"text": "hi"}""", ("If-Match", "W/\"1\""));

        Assert.Equal((HttpStatusCode.PreconditionFailed, "REVISION_MISMATCH"), (late.Status, late.Reason));
        Assert.Equal((HttpStatusCode.Conflict, "REVISION_MISMATCH"), (inBody.Status, inBody.Reason));
        any.Expect(HttpStatusCode.OK);
        Assert.All([unsupported, invalid], answer => Assert.Equal((HttpStatusCode.BadRequest, "If-Match"), (answer.Status, answer.Field)));
    }

    private static void Same(string expected, JsonNode? actual) =>
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), actual?.ToJsonString());
}
