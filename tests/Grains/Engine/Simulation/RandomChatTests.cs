using GenAI.Chats.Grains.Engine;
using GenAI.Chats.Grains.Storage;
using GenAI.Chats.Grains.Tests.Engine.Support;
using GenAI.Chats.V1;
using Xunit.Abstractions;

namespace GenAI.Chats.Grains.Tests.Engine.Simulation;

/// <summary>Whatever happens, what a chat promises holds. A seed that failed once becomes a row of the first test.</summary>
public sealed class RandomChatTests(ITestOutputHelper output)
{
    private const int Runs = 200;

    [Theory]
    [InlineData(1)]
    [InlineData(1740988924)]
    [InlineData(2052546419)]
    [InlineData(687824653)]
    [InlineData(841529531)]
    public void Chat_KnownSeed_KeepsItsPromises(int seed) => Check(seed, withReaders: false);

    [Fact]
    public void Chat_RandomRuns_KeepsItsPromises() => CheckMany(withReaders: false);

    // Readers wait on other threads too: a run with them does not go exactly the same way twice.
    [Fact]
    public void Chat_RandomRunsWithReaders_KeepsItsPromises() => CheckMany(withReaders: true);

    private void CheckMany(bool withReaders)
    {
        var first = Random.Shared.Next();
        output.WriteLine($"seeds from {first}");
        for (var seed = first; seed != unchecked(first + Runs); seed = unchecked(seed + 1))
        {
            Check(seed, withReaders);
        }
    }

    private void Check(int seed, bool withReaders)
    {
        var chat = new SimulatedChat(seed, withReaders);
        try
        {
            chat.Run();
            Assert.True(chat.Clients.Failures.Count == 0, string.Join("; ", chat.Clients.Failures));
            var log = Log(chat.Store);
            AcknowledgedTurnsAreThereOnceAndInOrder(chat, log);
            HistoryAlternatesAndRevisionsCount(chat, log);
            TurnsSayWhatOneCallSaid(chat, log);
            ReadersSawWhatIsReplayed(chat);
            Assert.All(chat.Servers, s => Assert.True(s.State.BeginDrain().IsCompleted, "A server counts a turn that nobody runs."));
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
        chat.Store.FindTurnAsync(ChatWorld.Key, turnId, CancellationToken.None).Result
            ?? throw new InvalidOperationException("An acknowledged turn is lost.");

    private static void AcknowledgedTurnsAreThereOnceAndInOrder(SimulatedChat chat, IReadOnlyList<TurnRecord> log)
    {
        foreach (var request in chat.Clients.Requests)
        {
            // Acknowledgements may come late: a failed turn's after that of the one that was run anew.
            var turns = request.TurnIds.Select(id => Find(chat, id)).OrderBy(t => t.Sequence).ToList();
            Assert.All(turns, t => Assert.False(t.IsPending));
            Assert.All(turns, t => Assert.Equal(request.Text, t.Input.Message.Parts[0].Text));
            Assert.All(turns.SkipLast(1), t => Assert.Equal((TurnState.Failed, 0L), (t.State, t.Revision)));
            Assert.True(log.Count(t => t.Input.Message.Parts[0].Text == request.Text) <= 1, "A request was recorded twice.");
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
        foreach (var curated in new[] { false, true })
        {
            var pager = new HistoryPager(ChatWorld.Key, chat.Store, new GetHistoryRequest { Curated = curated });
            var history = pager.ReadAsync(CancellationToken.None).Result!;
            Assert.Equal(history.History.Select((_, i) => i % 2 == 0 ? "user" : "model"), history.History.Select(c => c.Role));
            Assert.Equal(0, history.History.Count % 2);
        }
    }

    // And that call was sent what had been recorded before the turn.
    private static void TurnsSayWhatOneCallSaid(SimulatedChat chat, IReadOnlyList<TurnRecord> log)
    {
        var curated = new List<Content>();
        foreach (var turn in log)
        {
            if (turn.Input.Recorded is null)
            {
                var said = Texts(Views.Events(turn));
                var sent = Messages.Line([.. curated, turn.Input.Message]);
                Assert.Contains(chat.Model.Calls, c => c.Sent == sent
                    && (turn.State is TurnState.Completed ? c.Said : c.Said.Take(said.Count)).SequenceEqual(said));
                Assert.Equal(string.Concat(said), string.Concat(turn.Outcome!.Contents.SelectMany(c => c.Parts).Select(p => p.Text)));
            }

            curated.AddRange(CuratedHistory.Contents(turn).Where(c => c.Curated).Select(c => c.Content));
        }
    }

    private static void ReadersSawWhatIsReplayed(SimulatedChat chat)
    {
        foreach (var reader in chat.Clients.Readers)
        {
            var offsets = reader.Events.ConvertAll(e => e.Offset);
            Assert.Equal(offsets.Distinct().Order(), offsets);
            // A failed turn that is run anew gives its request id away.
            reader.Events.ForEach(e => (e.Started ?? e.Ended)?.RequestId = "");
            var replay = Views.Events(Find(chat, reader.TurnId) with { RequestId = "" }).ToList();
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

    private static List<string> Texts(IEnumerable<TurnEvent> events) =>
        [.. events.Where(e => e.EventCase is TurnEvent.EventOneofCase.Chunk).Select(e => e.Chunk.Candidates[0].Content.Parts[0].Text)];
}
