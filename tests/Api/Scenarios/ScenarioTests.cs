using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Scenarios;

/// <summary>Runs the scenarios against the scripted Gemini API: the answer, both histories, and what each request carried.</summary>
public sealed class ScenarioTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    private static readonly Dictionary<string, Scenario> Scenarios =
        HistoryScenarios.All.Concat(ResponseScenarios.All).Concat(ConversationScenarios.All).ToDictionary(s => s.Source);

    public static TheoryData<string> Unary => [.. Names(SendKinds.Unary)];

    public static TheoryData<string> Streamed => [.. Names(SendKinds.Stream)];

    [Theory]
    [MemberData(nameof(Unary))]
    public Task SendMessage_Scenario_MatchesTheTable(string source) => RunAsync(Scenarios[source], SendAsync);

    [Theory]
    [MemberData(nameof(Streamed))]
    public Task SendMessageStream_Scenario_MatchesTheTable(string source) => RunAsync(Scenarios[source], StreamAsync);

    private static IEnumerable<string> Names(SendKinds kind) => Scenarios.Values.Where(s => s.Kinds.HasFlag(kind)).Select(s => s.Source);

    private async Task RunAsync(Scenario scenario, Func<TestChat, Exchange, Task> send)
    {
        var chat = await Server.NewChatAsync(null, Notation.Parse(scenario.History));
        foreach (var exchange in scenario.Sends)
        {
            // A call and its response are sent together, and curated when the exchange has ended.
            var before = await chat.HistoryAsync(curated: !exchange.Says.Contains("reply:", StringComparison.Ordinal));
            await send(chat, exchange);
            Assert.Equal([.. before, exchange.Says], Notation.OfContents(chat.Requests[^1].Body));
        }

        Assert.Equal(scenario.Comprehensive, await chat.HistoryAsync());
        Assert.Equal(scenario.Curated, await chat.HistoryAsync(curated: true));

        await send(chat, new Exchange("u[next]", "m[ok] STOP"));
        Assert.Equal([.. scenario.Curated, "u[next]"], Notation.OfContents(chat.Requests[^1].Body));
        Assert.Equal(scenario.Sends.Length + 1, chat.Requests.Count);
        var history = await chat.HistoryAsync();
        Assert.Equal([.. scenario.Comprehensive, "u[next]", "m[ok]"], history);
    }

    private async Task SendAsync(TestChat chat, Exchange exchange)
    {
        var answer = exchange.Answers.Single();
        chat.Answer(ErrorStatus(answer) is { } status ? Error(status) : ScriptedReply.Json(Answers.ToJson(answer)));
        var call = Client.SendMessageAsync(new SendMessageRequest { Name = chat.Name, Message = Notation.Parse(exchange.Says) });
        if (ErrorStatus(answer) is not null)
        {
            var failure = await Failure.OfAsync(call);
            Assert.Equal(Turn.Types.State.Failed, (await chat.GetTurnAsync(failure.Metadata["turn_id"])).State);
            return;
        }

        var reply = await call;
        Assert.Equal(Answers.ToResponse(answer), reply.Response);
        Assert.Equal(Turn.Types.State.Completed, reply.Turn.State);
        Assert.Equal(reply.Turn, (await chat.GetTurnAsync(reply.Turn.TurnId)).AsInEvent());
    }

    private async Task StreamAsync(TestChat chat, Exchange exchange)
    {
        var chunks = exchange.Answers.Where(a => !a.StartsWith('!')).ToArray();
        var reply = exchange.Answers is [var first, ..] && ErrorStatus(first) is { } error ? Error(error) : ScriptedReply.Stream();
        foreach (var chunk in chunks)
        {
            reply.Event(Answers.ToJson(chunk));
        }

        var chunksRead = new Gate();
        chat.Answer(exchange.Answers switch
        {
            [.., "!error"] => reply.Event(GeminiJson.Error(503, "UNAVAILABLE", "overloaded")),
            [.., "!cut"] => reply.WaitFor(chunksRead).Cut(),
            _ => reply,
        });

        using var call = Client.SendMessageStream(new SendMessageRequest { Name = chat.Name, Message = Notation.Parse(exchange.Says) });
        var events = new List<TurnEvent>();
        var status = StatusCode.OK;
        try
        {
            await foreach (var next in call.ResponseStream.ReadAllAsync())
            {
                events.Add(next);
                if (events.Count == 1 + chunks.Length)
                {
                    // A connection that breaks may take what was sent last with it.
                    chunksRead.Open();
                }
            }
        }
        catch (RpcException failure)
        {
            status = failure.StatusCode;
        }

        var failed = chunks.Length < exchange.Answers.Length;
        Assert.Equal(failed, status != StatusCode.OK);
        Assert.Equal(TurnEvent.EventOneofCase.Started, events[0].EventCase);
        Assert.Equal(chunks.Select(Answers.ToResponse), events[1..^1].Select(e => e.Chunk));
        Assert.Equal(failed ? Turn.Types.State.Failed : Turn.Types.State.Completed, events[^1].Ended.State);
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(e => (int)e.Offset));
    }

    private static int? ErrorStatus(string answer) =>
        answer.StartsWith('!') && int.TryParse(answer.AsSpan(1), out var status) ? status : null;

    private static ScriptedReply Error(int status) => ScriptedReply.Error(status, "", "scripted");
}
