using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Api.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Api.Tests.Web.Ui;

/// <summary>Edits and regenerations: which turn is that of a message.</summary>
public sealed class UiSentMessageTests(UiSentMessageTests.ObservedServer server) : ApiTest(server), IClassFixture<UiSentMessageTests.ObservedServer>, IDisposable
{
    private const string Path = "/api/ui/chat";

    private readonly WebApi _web = new(server);

    public void Dispose() => _web.Dispose();

    [Fact]
    public async Task Edit_OfAnyMessage_ReadsNoList()
    {
        var id = await NewChatAsync("one", "two", "three");

        await PostAsync(id, "user-1", "uno", isEdit: true);
        await PostAsync(id, "user-1", "uno", trigger: "regenerate-message");

        Assert.DoesNotContain(server.Calls, call => call.Chat.Contains(id, StringComparison.Ordinal) && call.Method.StartsWith("List", StringComparison.Ordinal));
        Assert.Contains(server.Calls, call => call.Chat.Contains(id, StringComparison.Ordinal) && call.Method.StartsWith("Send", StringComparison.Ordinal));
        var turns = (await _web.GetAsync($"/v1/chats/{id}/turns?allBranches=true")).Expect(HttpStatusCode.OK)["turns"]!.AsArray();
        Assert.Equal(5, turns.Count);
        Assert.Equal(3, turns.Count(turn => turn!["parentRevision"] is null));
        Assert.Equal(["uno", "uno"], (await MessagesAsync(id)).Select(TextOf));
    }

    [Fact]
    public async Task Fork_MessagesHaveIds_AndCanBeEdited()
    {
        var id = await NewChatAsync("one", "two");
        var fork = $"fork-{id}";
        (await _web.PostAsync($"/v1/chats/{id}:fork", $$"""{"chatId": "{{fork}}"}""")).Expect(HttpStatusCode.OK);
        await PostAsync(fork, "user-3", "three");

        var messages = await MessagesAsync(fork);
        Assert.Equal(["one", "one", "two", "two", "three", "three"], messages.Select(TextOf));
        Assert.Equal(6, messages.Select(IdOf).Where(one => one.Length > 0).Distinct().Count());

        await PostAsync(fork, IdOf(messages[2]), "zwei", isEdit: true);
        Assert.Equal(["one", "one", "zwei", "zwei"], (await MessagesAsync(fork)).Select(TextOf));
        await PostAsync(fork, IdOf(messages[0]), "one", trigger: "regenerate-message");
        Assert.Equal(["one", "one"], (await MessagesAsync(fork)).Select(TextOf));
        Assert.Equal(["one", "one", "two", "two"], (await MessagesAsync(id)).Select(TextOf));
    }

    [Theory]
    [InlineData("submit-message", "initial.0")]
    [InlineData("regenerate-message", "initial.1")]
    public async Task InitialHistory_IsNotReplaced(string trigger, string messageId)
    {
        var path = await _web.NewChatAsync(more: """, "history": [{"role": "user", "parts": [{"text": "a"}]}, {"role": "model", "parts": [{"text": "b"}]}]""");
        var id = path[(path.LastIndexOf('/') + 1)..];

        using var body = new StringContent(
            $$"""{"id": "{{id}}", "trigger": "{{trigger}}", "messageId": "{{messageId}}", "messages": [{"id": "initial.0", "role": "user", "parts": [{"type": "text", "text": "c"}]}]}""",
            Encoding.UTF8,
            "application/json");
        using var response = await _web.Http.PostAsync(Path, body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith("messageId must not be a message of the initial history", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(["a", "b"], (await MessagesAsync(id)).Select(TextOf));
    }

    private static string? TextOf(JsonNode? message) => (string?)message!["parts"]!.AsArray().Single(part => (string?)part!["type"] == "text")!["text"];

    private static string IdOf(JsonNode? message) => (string)message!["id"]!;

    private async Task<string> NewChatAsync(params string[] texts)
    {
        var id = $"{Guid.NewGuid():N}";
        for (var i = 0; i < texts.Length; i++)
        {
            await PostAsync(id, $"user-{i + 1}", texts[i]);
        }

        return id;
    }

    private async Task<JsonArray> MessagesAsync(string id) => (await _web.GetAsync($"{Path}/{id}/messages")).Expect(HttpStatusCode.OK).AsArray();

    private async Task PostAsync(string id, string messageId, string text, bool isEdit = false, string trigger = "submit-message")
    {
        var request = new JsonObject
        {
            ["id"] = id,
            ["model"] = "echo",
            ["trigger"] = trigger,
            ["messageId"] = isEdit ? messageId : null,
            ["messages"] = new JsonArray(new JsonObject
            {
                ["id"] = messageId,
                ["role"] = "user",
                ["parts"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }),
            }),
        };
        var events = await _web.EventsAsync("POST", Path, request.ToJsonString());
        Assert.Equal("finish", (string?)JsonNode.Parse(events[^2].Data)!["type"]);
    }

    /// <summary>A server that notes the calls of its chats.</summary>
    public sealed class ObservedServer : TestServer, IIncomingGrainCallFilter
    {
        private readonly ConcurrentQueue<(string Chat, string Method)> _calls = [];

        public IReadOnlyCollection<(string Chat, string Method)> Calls => _calls;

        public Task Invoke(IIncomingGrainCallContext context)
        {
            _calls.Enqueue(($"{context.TargetId}", context.MethodName));
            return context.Invoke();
        }

        protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<IIncomingGrainCallFilter>(this);
    }
}
