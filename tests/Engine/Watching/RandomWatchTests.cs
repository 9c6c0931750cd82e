using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;
using Detail = GenAI.Chats.V1.WatchChatRequest.Types.Detail;

namespace GenAI.Chats.Engine.Tests.Watching;

/// <summary>Whatever happens, and wherever watchers are cut off, each is told of each turn once, and of all its events.</summary>
public sealed class RandomWatchTests
{
    private const int Operations = 60;

    private readonly ChatWorld _world = new();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Watch_RandomOperationsAndCuts_EachTurnIsToldOnceAndWhole(int seed)
    {
        var random = new Random(seed);
        var chat = await _world.NewChatAsync();
        using var over = new CancellationTokenSource();
        var answers = AnswerAsync(new Random(seed), over.Token);
        var stopped = false;
        var watches = new[] { Detail.Full, Detail.Full, Detail.Turns }
            .Select((detail, i) => WatchAsync(chat, detail, new Random((seed * 10) + i), () => Volatile.Read(ref stopped)))
            .ToList();
        var sent = new List<string>();
        for (var i = 0; i < Operations; i++)
        {
            await OperateAsync(chat, random, sent, i);
            for (var yields = random.Next(5); yields > 0; yields--)
            {
                await Task.Yield();
            }
        }

        foreach (var turnId in sent)
        {
            await chat.EndOfAsync(turnId);
        }

        Volatile.Write(ref stopped, true);
        await chat.UpdateAsync(Rename("last"));
        foreach (var watch in watches)
        {
            await CheckAsync(chat, await watch, sent);
        }

        await over.CancelAsync();
        await answers;
    }

    private static async Task OperateAsync(TestSession chat, Random random, List<string> sent, int i)
    {
        try
        {
            switch (random.Next(10))
            {
                case 0 when sent.Count > 0:
                    await chat.CancelAsync(sent[random.Next(sent.Count)]);
                    break;
                case 1:
                    sent.Add((await chat.RecordAsync(Messages.Record($"u{i}", $"m{i}"))).TurnId);
                    break;
                case 2:
                    await chat.RewindAsync(random.Next(5), onBusy: BusyPolicy.Interrupt);
                    break;
                case 3:
                    await chat.UpdateAsync(Rename($"{i}"));
                    break;
                case 4:
                    sent.Add((await chat.SendAsync(new SendMessageRequest { Text = $"u{i}", AfterRevision = random.Next(5) })).TurnId);
                    break;
                case 5:
                    sent.Add((await chat.SendAsync($"u{i}", onBusy: BusyPolicy.Rollback)).TurnId);
                    break;
                default:
                    sent.Add((await chat.SendAsync($"u{i}")).TurnId);
                    break;
            }
        }
        catch (ChatException)
        {
            // There is no such revision, or the queue is full.
        }
    }

    // A few chunks for each call, and now and then an error.
    private async Task AnswerAsync(Random random, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            ScriptedCall call;
            try
            {
                call = await _world.Model.NextCallAsync().WaitAsync(over);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            for (var chunks = random.Next(5); chunks > 0; chunks--)
            {
                call.Say($"{chunks} ");
                await Task.Yield();
            }

            if (random.Next(5) == 0)
            {
                call.Fail(new InvalidOperationException("scripted"));
            }
            else
            {
                call.Finish("end");
            }
        }
    }

    // Begins again and again after the last event, or in the middle of what a call returned.
    private static async Task<List<ChatEvent>> WatchAsync(TestSession chat, Detail detail, Random random, Func<bool> isStopped)
    {
        var events = new List<ChatEvent>();
        while (true)
        {
            var watcher = new TestWatcher(chat, detail, events.Count > 0 ? events[^1].Token : "");
            for (var calls = random.Next(1, 4); calls > 0 && !(isStopped() && watcher.IsCurrent); calls--)
            {
                await watcher.NextAsync();
            }

            events.AddRange(watcher.Events.Take(isStopped() ? int.MaxValue : random.Next(1, watcher.Events.Count + 1)));
            if (isStopped() && watcher.IsCurrent && events[^1].Token == watcher.Events[^1].Token && events.Exists(e => e.Chat?.DisplayName == "last"))
            {
                return events;
            }
        }
    }

    private static async Task CheckAsync(TestSession chat, List<ChatEvent> events, List<string> sent)
    {
        Assert.Equal(sent, events.Where(e => e.Accepted is not null).Select(e => e.Accepted.TurnId));
        foreach (var turnId in sent)
        {
            var told = events.Where(e => e.Turn?.TurnId == turnId).Select(e => e.Turn.Event).ToList();
            var all = await chat.ReadToEndAsync(turnId);
            if (all[^1].Ended.Revision > 0)
            {
                var hasChunks = events.Exists(e => e.Turn?.Event.Chunk is not null);
                Assert.Equal(all.Where(e => hasChunks || e.Chunk is null).Select(e => e.Offset), told.Select(e => e.Offset));
            }
            else
            {
                // Its chunks are told only while it runs.
                Assert.Equal(told.Select(e => e.Offset).Order().Distinct(), told.Select(e => e.Offset));
                Assert.Empty(all.Select(e => e.Offset).Except(told.Select(e => e.Offset)));
            }

            Assert.True(events.FindIndex(e => e.Accepted?.TurnId == turnId) < events.FindIndex(e => e.Turn?.TurnId == turnId));
        }

        Assert.Equal(await chat.GetAsync(), events.Last(e => e.Chat is not null).Chat);
    }

    private static UpdateChatRequest Rename(string name) =>
        new() { Chat = new Chat { DisplayName = name }, UpdateMask = new FieldMask { Paths = { "display_name" } } };
}
