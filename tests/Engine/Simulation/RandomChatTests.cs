using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Xunit.Abstractions;

namespace GenAI.Chats.Engine.Tests.Simulation;

/// <summary>Whatever happens, what a chat promises holds. A seed that failed once becomes a row of the first test.</summary>
public sealed class RandomChatTests(ITestOutputHelper output)
{
    // Each run has other seeds. CHATS_SIMULATIONS sets how many.
    private static readonly int Runs = int.TryParse(Environment.GetEnvironmentVariable("CHATS_SIMULATIONS"), out var given) ? given : Suite.Pick(50, inLongRuns: 200);

    [Theory]
    [InlineData(1)]
    [InlineData(1740988924)]
    [InlineData(2052546419)]
    [InlineData(687824653)]
    [InlineData(841529531)]
    [InlineData(1921364778)]
    [InlineData(2046658129)]
    [InlineData(272237241)]
    [InlineData(205499641)]
    [InlineData(612799127)]
    [InlineData(1813482203)]
    [InlineData(104051593)]
    public void Chat_KnownSeed_KeepsItsPromises(int seed) => Check(seed, withReaders: false);

    [Theory]
    [InlineData(266239118)]
    public void Chat_KnownSeedWithReaders_KeepsItsPromises(int seed) => Check(seed, withReaders: true);

    [Theory]
    [InlineData(33)]
    public void Chat_KnownSeedWithStops_KeepsItsPromises(int seed) => Check(seed, withReaders: false, withStops: true);

    [Fact]
    public void Chat_RandomRuns_KeepsItsPromises() => CheckMany(withReaders: false);

    // Readers wait on other threads too: a run with them does not go exactly the same way twice.
    [Fact]
    public void Chat_RandomRunsWithReaders_KeepsItsPromises() => CheckMany(withReaders: true);

    [Fact]
    public void Chat_RandomRunsWithStops_KeepsItsPromises() => CheckMany(withReaders: false, withStops: true);

    private void CheckMany(bool withReaders, bool withStops = false)
    {
        var first = Random.Shared.Next();
        output.WriteLine($"seeds from {first}");
        for (var seed = first; seed != unchecked(first + Runs); seed = unchecked(seed + 1))
        {
            Check(seed, withReaders, withStops);
        }
    }

    private void Check(int seed, bool withReaders, bool withStops = false)
    {
        var chat = new SimulatedChat(seed, withReaders, withStops);
        try
        {
            chat.Run();
            Assert.True(chat.Clients.Failures.Count == 0, string.Join("; ", chat.Clients.Failures));
            var log = Log(chat.Store);
            AcknowledgedTurnsAreThereOnceAndInOrder(chat, log);
            HistoryAlternatesAndRevisionsCount(chat, log);
            RolledBackTurnsAreNotThere(log);
            TurnsSayWhatCallsOfTheModelSaid(chat, log);
            Assert.Empty(chat.Tools.SelectMany(t => t.Failures));
            ReadersSawWhatIsReplayed(chat);
        }
        catch (Exception)
        {
            output.WriteLine($"seed {seed}");
            throw;
        }
    }

    private static IReadOnlyList<TurnRecord> Log(IChatStore store) =>
        store.ReadLogAsync(ChatWorld.Key, new LogRange(0, int.MaxValue, long.MaxValue), CancellationToken.None).Result!.Turns;

    private static TurnRecord Find(SimulatedChat chat, string turnId) =>
        chat.Store.FindWholeTurnAsync(ChatWorld.Key, turnId, CancellationToken.None).Result
            ?? throw new InvalidOperationException("An acknowledged turn is lost.");

    private static void AcknowledgedTurnsAreThereOnceAndInOrder(SimulatedChat chat, IReadOnlyList<TurnRecord> log)
    {
        foreach (var request in chat.Clients.Requests)
        {
            // Acknowledgements may come late: a failed turn's after that of the one that was run anew.
            var turns = request.TurnIds.Select(id => Find(chat, id)).OrderBy(t => t.Sequence).ToList();
            Assert.All(turns, t => Assert.False(t.IsPending));
            Assert.All(turns, t => Assert.Equal(request.Text, TextOf(t)));
            Assert.All(turns.SkipLast(1), t => Assert.Equal((TurnState.Failed, 0L), (t.State, t.Revision)));
            Assert.True(log.Count(t => TextOf(t) == request.Text) <= 1, "A request was recorded twice.");
        }

        var accepted = chat.Clients.Requests.FindAll(r => r.TurnIds.Count > 0);
        foreach (var one in accepted)
        {
            foreach (var later in accepted.Where(r => r.MadeAt > one.AcceptedAt))
            {
                var (first, second) = (Find(chat, one.TurnIds[0]), Find(chat, later.TurnIds[0]));
                Assert.True(first.Sequence < second.Sequence, "An earlier turn stands behind a later one.");
            }
        }
    }

    private static void HistoryAlternatesAndRevisionsCount(SimulatedChat chat, IReadOnlyList<TurnRecord> log)
    {
        var record = chat.Store.LoadAsync(ChatWorld.Key, CancellationToken.None).Result!.Chat;
        Assert.Equal((log.Count, log.Count), (record.Revision, record.TurnCount));
        Assert.Equal(Enumerable.Range(1, log.Count).Select(i => (long)i), log.Select(t => t.Revision));
        var comprehensive = History(chat, curated: false);
        Assert.DoesNotContain(comprehensive.Take(1), c => c.Role == "model");
        Assert.All(comprehensive.Zip(comprehensive.Skip(1)), pair => Assert.True(
            pair.First.Role != pair.Second.Role || (pair.First.Role == "user" && FunctionCalls.HasResponses(pair.First)), "Roles do not alternate."));

        // As the model is sent it.
        var sent = Joined(History(chat, curated: true));
        Assert.Equal(sent.Select((_, i) => i % 2 == 0 ? "user" : "model"), sent.Select(c => c.Role));
        Assert.Equal(0, sent.Count % 2);
        var calls = new OpenCalls();
        Assert.All(sent, content => Assert.True(calls.Add(content), "A call lacks its response, or a response its call."));
        Assert.Equal(0, calls.Count);
    }

    private static void RolledBackTurnsAreNotThere(IReadOnlyList<TurnRecord> log) =>
        Assert.DoesNotContain(log, turn => turn.Stop is TurnStop.RollBack);

    private static List<Content> History(SimulatedChat chat, bool curated)
    {
        var pager = new HistoryPager(ChatWorld.Key, chat.Store, null, new GetHistoryRequest { Curated = curated });
        return [.. pager.ReadAsync(CancellationToken.None).Result!.History];
    }

    // And each call was sent what had been recorded before it: the curated history, then the exchange that it belongs to.
    private static void TurnsSayWhatCallsOfTheModelSaid(SimulatedChat chat, IReadOnlyList<TurnRecord> log)
    {
        var curated = new List<Content>();
        var exchange = new List<TurnRecord>();
        foreach (var turn in log)
        {
            var answers = FunctionCalls.HasResponses(turn.Input.Message);
            if (turn.Input.Recorded is null)
            {
                AnswersAreCallsOfTheModel(chat, turn, [.. curated, .. (answers ? exchange : []).SelectMany(CuratedHistory.Curable), turn.Input.Message]);
            }

            if (turn.Outcome!.Open || turn.Curated)
            {
                if (!answers)
                {
                    Assert.All(exchange, t => Assert.False(t.Curated, "An exchange that was dropped is curated."));
                    exchange = [];
                }

                exchange.Add(turn);
            }

            if (!turn.Outcome.Open && turn.Curated)
            {
                Assert.All(exchange, t => Assert.True(t.Curated, "A part of an exchange is not curated."));
                curated.AddRange(exchange.SelectMany(CuratedHistory.Curable));
                exchange = [];
            }
        }

        Assert.All(exchange, t => Assert.False(t.Curated, "An open exchange is curated."));
        var head = chat.Store.LoadAsync(ChatWorld.Key, CancellationToken.None).Result!.Chat;
        Assert.Equal(exchange.FirstOrDefault()?.Sequence ?? 0, head.OpenSequence);
        Assert.Equal(Messages.Line(Joined(curated)), Messages.Line(Joined(History(chat, curated: true))));
    }

    private static void AnswersAreCallsOfTheModel(SimulatedChat chat, TurnRecord turn, List<Content> contents)
    {
        foreach (var content in turn.Outcome!.Contents)
        {
            var said = string.Concat(content.Parts.Select(Messages.Text));
            var isWhole = content != turn.Outcome.Contents[^1] || turn.State is TurnState.Completed;
            if (content.Role == "model" && (isWhole || said.Length > 0))
            {
                var sent = Messages.Line(Joined(contents));
                Assert.Contains(chat.Model.Calls, c => c.Sent == sent
                    && (isWhole ? string.Concat(c.Said) == said : string.Concat(c.Said).StartsWith(said, StringComparison.Ordinal)));
            }

            contents.Add(content);
        }

        var chunks = Views.Events(turn).Where(e => e.Chunk is not null).SelectMany(e => e.Chunk.Candidates[0].Content.Parts);
        Assert.Equal(string.Concat(turn.Outcome.Contents.SelectMany(c => c.Parts).Select(Messages.Text)), string.Concat(chunks.Select(Messages.Text)));
    }

    private static IReadOnlyList<Content> Joined(IEnumerable<Content> contents)
    {
        var joined = new SentContents();
        contents.ToList().ForEach(joined.Add);
        return joined.List;
    }

    private static void ReadersSawWhatIsReplayed(SimulatedChat chat)
    {
        foreach (var reader in chat.Clients.Readers)
        {
            var offsets = reader.Events.ConvertAll(e => e.Offset);
            Assert.Equal(offsets.Distinct().Order(), offsets);
            // A failed turn that is run anew gives its request id away.
            reader.Events.ForEach(e => (e.Started ?? e.Ended)?.RequestId = "");
            var record = Find(chat, reader.TurnId) with { RequestId = "" };
            if (record.Outcome!.Open)
            {
                // It may have become curated since.
                record = record with { Curated = false };
                reader.Events[^1].Ended?.Curated = false;
            }

            var replay = Views.Events(record).ToList();
            Assert.True(reader.Events.Count >= 1 && reader.Events[^1].Equals(replay[^1]), $"A reader did not get the end: {Show(reader.Events)} instead of {Show(replay)}.");
            if (replay[0].EventCase is TurnEvent.EventOneofCase.Started && replay[^2].Offset == replay[^1].Offset - 1)
            {
                var start = reader.Events.FindLastIndex(e => e.EventCase is TurnEvent.EventOneofCase.Started);
                Assert.Equal(replay, reader.Events[start..]);
            }
        }
    }

    private static string Show(List<TurnEvent> events) =>
        $"{string.Join(' ', events.Select(e => $"{e.Offset}:{e.EventCase}"))} {events.LastOrDefault()}";

    // Behind the responses, when it has some.
    private static string TextOf(TurnRecord turn) => turn.Input.Message.Parts[^1].Text;
}
