using System.Diagnostics;
using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Chats;
using GenAI.Chats.V1;
using Grpc.Core;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>A silo that dies or freezes in the middle of turns: those who read them through a front door hear them to the end, once and whole.</summary>
public sealed class SiloFailureTests(ITestOutputHelper output)
{
    private const int Chats = 4;

    [LongFact]
    public async Task Kill_TurnsRun_AreReadToTheEndThroughTheFrontDoor()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var (door, silo, streams) = await StartTurnsAsync(cluster);
        var clock = Stopwatch.StartNew();

        await silo.KillAsync();

        await AssertRunAgainAsync(door, streams);
        output.WriteLine($"{Chats} turns ended {clock.Elapsed.TotalSeconds:0.0} s after the kill.");
    }

    [LongFact]
    public async Task Freeze_TurnsRun_AreReadToTheEndAndNotRunTwice()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var (door, silo, streams) = await StartTurnsAsync(cluster);
        var clock = Stopwatch.StartNew();

        await silo.SignalAsync("STOP");
        var ended = Task.WhenAll(streams.Select(stream => stream.Read));
        await Task.WhenAny(ended, Task.Delay(TimeSpan.FromSeconds(10)));
        await silo.SignalAsync("CONT");

        // What the thawed silo still has of them comes too late.
        await AssertRunAgainAsync(door, streams);
        output.WriteLine($"{Chats} turns ended {clock.Elapsed.TotalSeconds:0.0} s after the silo froze.");
        foreach (var (send, _) in streams)
        {
            Assert.Equal([("user", send.Text), ("model", send.Text)], await ChatChecker.HistoryAsync(door.Client, send.Name, curated: true));
        }
    }

    [LongFact]
    public async Task AllSilosGo_FrontDoorIsNotReadyUntilThereIsOneAgain()
    {
        await using var cluster = await TestCluster.CreateAsync();
        using var http = new HttpClient();
        var early = cluster.LaunchDoor();
        await early.LineAsync(line => line.Contains("Can't reach any silo", StringComparison.Ordinal));
        var first = await cluster.StartSiloAsync();
        var door = await ServerProcess.GreetedAsync(early);
        var health = new Uri((await early.LineAsync(line => line.StartsWith("gRPC on ", StringComparison.Ordinal))).Split(" health on ")[1]);
        Task<bool> IsReadyAsync() => IsSuccessAsync(http, health);
        await TimeLimit.UntilAsync(IsReadyAsync, ready => ready);
        var name = await Scene.CreateChatAsync(door);

        Assert.Equal(0, await first.TerminateAsync());

        await TimeLimit.UntilAsync(IsReadyAsync, ready => !ready);
        var send = door.Client.SendMessageAsync(Scene.Send(name, "send", words: 3, pauseMilliseconds: 1));
        var second = await cluster.StartSiloAsync();
        Assert.Equal("send.1 send.2 send.3", string.Concat((await send).Response.Candidates[0].Content.Parts.Select(part => part.Text)));
        await TimeLimit.UntilAsync(IsReadyAsync, ready => ready);
        Assert.True(await IsSuccessAsync(http, second.Health));
    }

    // All on the first silo, as there is no other when the chats come to life; each turn has begun to be heard.
    private static async Task<(ServerProcess Door, SiloProcess Silo, List<(SendMessageRequest Send, Task<TurnCopy> Read)> Streams)> StartTurnsAsync(TestCluster cluster)
    {
        var silo = await cluster.StartSiloAsync();
        var door = await cluster.StartDoorAsync();
        var sends = new List<SendMessageRequest>();
        for (var i = 0; i < Chats; i++)
        {
            sends.Add(Scene.Send(await Scene.CreateChatAsync(door), $"send-{i}", words: 40, pauseMilliseconds: 100));
        }

        await cluster.StartSiloAsync();
        var streams = new List<(SendMessageRequest, Task<TurnCopy>)>();
        foreach (var send in sends)
        {
            var observer = new TurnObserver(send);
            var sent = door.Client.SendMessageStream(send, cancellationToken: TimeLimit.Token);
            await sent.ResponseHeadersAsync;
            await observer.FindAsync(door);
            sent.Dispose();
            await observer.ReadAsync(door, copy => copy.Chunks > 0);
            streams.Add((send, ReadOnAsync(observer, door)));
        }

        return (door, silo, streams);
    }

    // Resumes as clients do: on a busy machine, silos can take longer to notice that one is gone than the front door waits.
    private static async Task<TurnCopy> ReadOnAsync(TurnObserver observer, ServerProcess door)
    {
        while (observer.Copy.Ended is null)
        {
            try
            {
                await observer.ReadAsync(door, _ => false);
            }
            catch (RpcException unavailable) when (unavailable.StatusCode is StatusCode.Unavailable)
            {
            }
        }

        return observer.Copy;
    }

    private static async Task AssertRunAgainAsync(ServerProcess door, List<(SendMessageRequest Send, Task<TurnCopy> Read)> streams)
    {
        foreach (var (send, read) in streams)
        {
            var copy = await read;
            Assert.Equal((Turn.Types.State.Completed, send.Text, 2), (copy.Ended!.State, copy.Text, copy.Ended.Attempt));
            var turn = await door.Client.GetTurnAsync(new GetTurnRequest { Name = send.Name, TurnId = copy.Ended.TurnId });
            Assert.Equal(copy.Ended, turn.AsInEvent());
        }
    }

    private static async Task<bool> IsSuccessAsync(HttpClient http, Uri health)
    {
        using var answer = await http.GetAsync(health);
        return answer.IsSuccessStatusCode;
    }
}
