using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>Many sends at once.</summary>
public sealed class ConcurrencyTests(ConcurrencyTests.PatientServer server) : ApiTest(server), IClassFixture<ConcurrencyTests.PatientServer>
{
    private const int SendsAtOnce = 50;
    private const int Connections = 5;
    private const int SendsOfEach = 10;

    private static readonly int ChatsAtOnce = Suite.Pick(300, inLongRuns: 1000);

    [Fact]
    public async Task Send_ManyAtOnceToOneChat_EachSeesAllBeforeIt()
    {
        var chat = await Server.NewChatAsync();
        Server.Gemini.Always(r => r.Path.Contains($"{chat.Model}:generate", StringComparison.Ordinal), ScriptedReply.Text("ok"));
        Server.Gemini.Always(r => r.Path.Contains($"{chat.Model}:stream", StringComparison.Ordinal), ScriptedReply.StreamOf("o", "k"));
        var clients = Enumerable.Range(0, Connections).Select(_ => new V1.Chats.ChatsClient(Server.NewChannel())).ToArray();

        await Task.WhenAll(
            Enumerable.Range(0, SendsAtOnce).Select(i => SendAsync(clients[i % Connections], chat.Message($"m{i}"), stream: i % 2 == 0)));

        var history = await chat.HistoryAsync();
        Assert.Equal(Enumerable.Repeat("m[ok]", SendsAtOnce), history.Where((_, i) => i % 2 == 1));
        Assert.Equal(Enumerable.Range(0, SendsAtOnce).Select(i => $"u[m{i}]").Order(), history.Where((_, i) => i % 2 == 0).Order());

        // What each request carried is the history up to it, whole.
        Assert.Equal(SendsAtOnce, chat.Requests.Count);
        for (var i = 0; i < SendsAtOnce; i++)
        {
            Assert.Equal(history[..((2 * i) + 1)], Notation.OfContents(chat.Requests[i].Body));
        }

        Assert.Equal(SendsAtOnce, (await chat.GetAsync()).Revision);
    }

    [Fact]
    public async Task Send_ManyChatsAtOnce_EachHasItsOwnHistory()
    {
        await Task.WhenAll(Enumerable.Range(0, ChatsAtOnce).Select(ConverseAsync));
    }

    [Fact]
    public async Task Send_QueueIsFull_IsRejectedUntilThereIsRoom()
    {
        await using var server = new DisposableServer(await TestServer.StartAsync("--Chats:MaxQueuedTurns=1"));
        var chat = await server.Value.NewChatAsync();
        var gate = new Gate();
        chat.Answer(
            ScriptedReply.Stream().WaitFor(gate).Event(GeminiJson.Text("a", "STOP")),
            ScriptedReply.StreamOf("b"),
            ScriptedReply.StreamOf("c"));
        using var running = chat.Stream("1");
        await running.ResponseHeadersAsync;
        using var waiting = chat.Stream("2");
        await waiting.ResponseHeadersAsync;

        var failure = await Failure.OfAsync(chat.Stream("3"));

        Assert.Equal((StatusCode.ResourceExhausted, "QUEUE_FULL"), (failure.Code, failure.Reason));
        Assert.Equal(TimeSpan.FromSeconds(1), failure.RetryDelay);
        Assert.Equal(1, (await chat.GetAsync()).QueuedTurns);
        gate.Open();
        await waiting.ToListAsync();
        using var last = chat.Stream("3");
        Assert.Equal(["c"], (await last.ToListAsync()).Texts());
        Assert.Equal(["u[1]", "m[a]", "u[2]", "m[b]", "u[3]", "m[c]"], await chat.HistoryAsync());
    }

    private async Task ConverseAsync(int number)
    {
        var chat = await Server.NewChatAsync("echo");
        var expected = new List<string>();
        for (var i = 0; i < SendsOfEach; i++)
        {
            var text = $"chat {number} send {i}";
            Assert.Equal(text, await SendAsync(Client, chat.Message(text), stream: i % 2 == 0));
            expected.AddRange($"u[{text}]", $"m[{text}]");
        }

        Assert.Equal(expected, await chat.HistoryAsync(curated: true));
    }

    private static async Task<string> SendAsync(V1.Chats.ChatsClient client, SendMessageRequest request, bool stream)
    {
        if (!stream)
        {
            return (await client.SendMessageAsync(request)).Response.Candidates[0].Content.Parts[0].Text;
        }

        using var call = client.SendMessageStream(request);
        return string.Concat((await call.ToListAsync()).Texts());
    }

    /// <summary>A server whose chats let all those sends wait.</summary>
    public sealed class PatientServer() : TestServer($"--Chats:MaxQueuedTurns={SendsAtOnce}");
}
