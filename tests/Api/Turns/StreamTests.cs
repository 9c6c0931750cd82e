using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>A turn's events: streamed, read again, joined.</summary>
public sealed class StreamTests(TestServer server) : ApiTest(server), IClassFixture<TestServer>
{
    private const int Chunks = 20;
    private const int Half = 10;

    private static readonly string[] Words = [.. Enumerable.Range(1, Chunks).Select(i => $"w{i} ")];

    [Fact]
    public async Task SendMessageStream_Echo_IsAChunkAWord()
    {
        var chat = await Server.NewChatAsync("echo");

        using var call = chat.Stream("one two three");
        var events = await call.ToListAsync();

        Assert.Equal(["one ", "two ", "three"], events.Texts());
        Assert.Equal([1L, 2, 3, 4, 5], events.Select(e => e.Offset));
        var started = events[0].Started;
        Assert.Equal((Turn.Types.State.Running, 1, 0L), (started.State, started.Attempt, started.Revision));
        Assert.NotNull(started.StartTime);
        var ended = events[^1].Ended;
        Assert.Equal(
            (Turn.Types.State.Completed, 1L, true, "STOP", "echo"),
            (ended.State, ended.Revision, ended.Curated, ended.FinishReason, ended.ModelVersion));
        Assert.Equal((3, 3, 6), (ended.Usage.PromptTokenCount, ended.Usage.CandidatesTokenCount, ended.Usage.TotalTokenCount));
        Assert.True(ended.CreateTime.CompareTo(ended.StartTime) <= 0 && ended.StartTime.CompareTo(ended.EndTime) <= 0);
        Assert.Equal(ended, (await chat.GetTurnAsync(ended.TurnId)).AsInEvent());
    }

    [Fact]
    public async Task SendMessageStream_InitialMetadata_NamesTurnAndRequestBeforeTheModelAnswers()
    {
        var chat = await Server.NewChatAsync();
        var gate = new Gate();
        chat.Answer(ScriptedReply.Stream().WaitSilentlyFor(gate).Event(GeminiJson.Text("a", "STOP")));
        var request = chat.Message("hi");
        request.RequestId = "mine";

        using var call = Client.SendMessageStream(request);
        var headers = await call.ResponseHeadersAsync;

        var turnId = headers.GetValue("turn-id")!;
        Assert.Equal("mine", headers.GetValue("request-id"));
        Assert.Equal(turnId, (await chat.GetAsync()).ActiveTurnId);
        Assert.Equal(Turn.Types.State.Running, (await chat.GetTurnAsync(turnId)).State);
        gate.Open();
        Assert.Equal(turnId, (await call.ToListAsync())[^1].Ended.TurnId);
        Assert.Equal("", (await chat.GetAsync()).ActiveTurnId);
    }

    [Fact]
    public async Task ReadTurn_AnyOffset_DuringAndAfter_GivesExactlyTheRest()
    {
        var chat = await Server.NewChatAsync();
        var (reply, gate) = TwoHalves();
        chat.Answer(reply);
        using var call = chat.Stream("hi");
        var events = new List<TurnEvent>();
        while (events.Count < 1 + Half)
        {
            events.Add(await call.NextAsync());
        }

        var turnId = events[0].Started.TurnId;
        var readers = Enumerable.Range(0, 1 + Half + 2).Select(offset => (Offset: offset, Call: chat.Read(turnId, offset))).ToList();
        var seen = readers.ToDictionary(r => r.Offset, _ => new List<TurnEvent>());
        foreach (var (offset, read) in readers.Where(r => r.Offset < events.Count))
        {
            // What is there already comes at once.
            while (seen[offset].Count < events.Count - offset)
            {
                seen[offset].Add(await read.NextAsync());
            }
        }

        gate.Open();
        events.AddRange(await call.ToListAsync());
        Assert.Equal(Words, events.Texts());
        Assert.Equal(Enumerable.Range(1, Chunks + 2), events.Select(e => (int)e.Offset));
        foreach (var (offset, read) in readers)
        {
            seen[offset].AddRange(await read.ToListAsync());
            Assert.Equal(events[offset..], seen[offset]);
            read.Dispose();
        }

        for (var offset = 0; offset <= events.Count + 1; offset++)
        {
            using var read = chat.Read(turnId, offset);
            Assert.Equal(events.Skip(offset), await read.ToListAsync());
        }
    }

    [Fact]
    public async Task SendMessageStream_SameRequestIdTwiceAtOnce_BothSeeEveryEvent()
    {
        var chat = await Server.NewChatAsync();
        var (reply, gate) = TwoHalves();
        chat.Answer(reply);
        var request = chat.Message("hi");
        request.RequestId = "one";
        using var first = Client.SendMessageStream(request);
        var seen = new List<TurnEvent>();
        while (seen.Count < 5)
        {
            seen.Add(await first.NextAsync());
        }

        using var second = new V1.Chats.ChatsClient(Server.NewChannel()).SendMessageStream(request);
        var others = new List<TurnEvent> { await second.NextAsync() };
        var unary = Client.SendMessageAsync(request);
        gate.Open();
        seen.AddRange(await first.ToListAsync());
        others.AddRange(await second.ToListAsync());

        Assert.Equal(Words, seen.Texts());
        Assert.Equal(seen, others);
        var reply2 = await unary;
        Assert.Equal(string.Concat(Words), reply2.Response.Candidates[0].Content.Parts.Single().Text);
        Assert.Equal(seen[^1].Ended, reply2.Turn);
        Assert.Single(chat.Requests);
    }

    [Fact]
    public async Task ReadTurn_OneReaderNeverReads_TheOthersFinish()
    {
        // More than its connection takes in.
        var chat = await Server.NewChatAsync();
        var texts = Enumerable.Range(0, 40).Select(i => $"{i} {new string('x', 256 * 1024)}").ToArray();
        var gate = new Gate();
        var reply = ScriptedReply.Stream().WaitFor(gate);
        foreach (var text in texts)
        {
            reply.Event(GeminiJson.Text(text, text == texts[^1] ? "STOP" : null));
        }

        chat.Answer(reply);
        using var call = chat.Stream("hi");
        var turnId = (await call.NextAsync()).Started.TurnId;
        using var idle = chat.Read(turnId);
        await idle.ResponseHeadersAsync;
        var readers = Enumerable.Range(0, 8).Select(_ => chat.Read(turnId)).ToList();

        gate.Open();

        foreach (var reader in readers)
        {
            Assert.Equal(texts, (await reader.ToListAsync()).Texts());
            reader.Dispose();
        }

        Assert.Equal(texts, (await call.ToListAsync()).Texts());
        Assert.Equal(Turn.Types.State.Completed, (await chat.GetTurnAsync(turnId)).State);
        Assert.Equal(texts, (await idle.ToListAsync()).Texts());
    }

    [Fact]
    public async Task ReadTurn_QueuedTurn_WaitsAndGivesItsEvents()
    {
        var chat = await Server.NewChatAsync();
        var (reply, gate) = TwoHalves();
        chat.Answer(reply, ScriptedReply.StreamOf("b"));
        using var running = chat.Stream("1");
        await running.ResponseHeadersAsync;
        using var queued = chat.Stream("2");
        var turnId = (await queued.ResponseHeadersAsync).GetValue("turn-id")!;
        Assert.Equal(Turn.Types.State.Queued, (await chat.GetTurnAsync(turnId)).State);

        using var read = chat.Read(turnId);
        gate.Open();

        Assert.Equal(["b"], (await read.ToListAsync()).Texts());
    }

    // A reply that stops half way until its gate is opened.
    private static (ScriptedReply Reply, Gate Gate) TwoHalves()
    {
        var gate = new Gate();
        var reply = ScriptedReply.Stream();
        for (var i = 0; i < Chunks; i++)
        {
            if (i == Half)
            {
                reply.WaitFor(gate);
            }

            reply.Event(GeminiJson.Text(Words[i], i == Chunks - 1 ? "STOP" : null));
        }

        return (reply, gate);
    }
}
