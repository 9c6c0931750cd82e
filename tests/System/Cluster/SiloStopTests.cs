using System.Diagnostics;
using GenAI.Chats.Client;
using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.V1;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>Silos that are told to stop: their chats go on elsewhere, and whoever talks to them notices a pause at most.</summary>
public sealed class SiloStopTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Sigterm_ChatGetsASendMeanwhile_RunsOnAnotherSiloAtOnce()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var leaving = await cluster.StartSiloAsync();
        var door = await cluster.StartDoorAsync();
        var (busy, quiet) = (await Scene.CreateChatAsync(door), await Scene.CreateChatAsync(door));
        var first = Scene.Send(busy, "first", words: 1000, pauseMilliseconds: 50);
        using var running = door.Client.SendMessageStream(first, cancellationToken: TimeLimit.Token);
        var turnId = (await Echo.NextAsync(running)).Started.TurnId;
        await cluster.StartSiloAsync();
        using var http = new HttpClient();

        await leaving.SignalAsync("TERM");

        await TimeLimit.UntilAsync(async () => (await http.GetAsync(leaving.Health)).IsSuccessStatusCode, ready => !ready);
        var reply = await door.Client.SendMessageAsync(Scene.Send(quiet, "second", words: 3, pauseMilliseconds: 1));
        Assert.Equal((Turn.Types.State.Completed, 1), (reply.Turn.State, reply.Turn.Attempt));

        // The silo is still there, as its own turn runs on.
        var own = await door.Client.GetTurnAsync(new GetTurnRequest { Name = busy, TurnId = turnId });
        Assert.Equal((Turn.Types.State.Running, 1), (own.State, own.Attempt));

        // One that waits behind it moves with it, when the time to drain is over.
        var waiting = door.Client.SendMessageAsync(Scene.Send(busy, "third", words: 1, pauseMilliseconds: 1), cancellationToken: TimeLimit.Token);
        await TimeLimit.UntilAsync(async () => (await door.Client.GetChatAsync(new GetChatRequest { Name = busy })).QueuedTurns, queued => queued == 1);
        await door.Client.CancelTurnAsync(new CancelTurnRequest { Name = busy, TurnId = turnId });
        Assert.Equal(Turn.Types.State.Completed, (await waiting).Turn.State);
        Assert.Equal(0, await leaving.ExitAsync());
    }

    [Fact]
    public async Task Sigterm_OneSiloAfterTheOtherUnderLoad_NoTurnIsLostAndTheClientsNoticeNothing()
    {
        const int Chats = 8;
        await using var cluster = await TestCluster.CreateAsync();
        List<SiloProcess> silos = [await cluster.StartSiloAsync(), await cluster.StartSiloAsync()];
        var door = await cluster.StartDoorAsync();
        using var client = new ChatsClient($"http://{door.Address}");
        var done = new TaskCompletionSource();
        var load = Enumerable.Range(0, Chats).Select(_ => TalkAsync(client, done.Task)).ToList();

        for (var i = 0; i < 2; i++)
        {
            // As in a rolling upgrade: the new one is there before the next one goes.
            Assert.Equal(0, await silos[i].TerminateAsync());
            silos.Add(await cluster.StartSiloAsync());
        }

        done.SetResult();
        var talks = await Task.WhenAll(load);
        output.WriteLine($"{talks.Sum(talk => talk.Turns)} turns, the longest took {talks.Max(talk => talk.Longest).TotalMilliseconds:0} ms.");
        Assert.All(talks, talk => Assert.True(talk.Turns > 0, "A chat had no turn."));
    }

    // Short turns, one after the other. Each must succeed at the first try, as a program sees it.
    private static async Task<(int Turns, TimeSpan Longest)> TalkAsync(ChatsClient client, Task done)
    {
        var chat = await client.CreateAsync(Echo.Model, new GenerateContentConfig { Labels = { ["echo-delay-ms"] = "20" } });
        var longest = TimeSpan.Zero;
        var sent = new List<string>();
        while (!done.IsCompleted)
        {
            var text = $"turn {sent.Count} of four";
            var clock = Stopwatch.StartNew();
            Assert.Equal(text, (await chat.SendMessageAsync(text)).Text);
            longest = clock.Elapsed > longest ? clock.Elapsed : longest;
            sent.Add(text);
        }

        var history = await chat.GetHistoryAsync(curated: true);
        Assert.Equal(sent.SelectMany(text => new[] { ("user", text), ("model", text) }), history.Select(c => (c.Role, string.Concat(c.Parts.Select(p => p.Text)))));
        return (sent.Count, longest);
    }
}
