using System.Diagnostics;
using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Google.Protobuf;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>Silos that are told to stop: their chats go on elsewhere, and whoever talks to them notices a pause at most.</summary>
public sealed class SiloStopTests(ITestOutputHelper output)
{
    [LongFact]
    public async Task Sigterm_StoppingSilosChatGetsASend_RunsOnAnotherSiloAtOnce()
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

    [LongFact]
    public async Task Sigterm_OneSiloAfterTheOtherUnderLoad_NoTurnIsLostAndTheClientsNoticeNothing()
    {
        const int Chats = 8;
        await using var cluster = await TestCluster.CreateAsync();
        List<SiloProcess> silos = [await cluster.StartSiloAsync(), await cluster.StartSiloAsync()];
        var door = await cluster.StartDoorAsync();
        using var load = new ClusterLoad([door], Chats);

        for (var i = 0; i < 2; i++)
        {
            // As in a rolling upgrade: the new one is there before the next one goes.
            Assert.Equal(0, await silos[i].TerminateAsync());
            silos.Add(await cluster.StartSiloAsync());
        }

        var talks = await load.StopAsync();
        output.WriteLine($"{talks.Sum(talk => talk.Sent.Count)} turns, the longest took {talks.Max(talk => talk.Longest).TotalMilliseconds:0} ms.");
    }

    [Fact]
    public async Task Sigterm_ChatOfTenMegabytes_GoesOnElsewhere()
    {
        const int PictureBytes = 1_000_000;
        const int Asked = 3;
        await using var cluster = await TestCluster.CreateAsync();
        var leaving = await cluster.StartSiloAsync();
        var door = await cluster.StartDoorAsync();
        var pictures = Enumerable.Range(0, 10).Select(i => new Part { InlineData = new Blob { MimeType = "image/png", Data = Bytes(i, PictureBytes) } }).ToList();
        var create = new CreateChatRequest { Model = Echo.Model };
        foreach (var picture in pictures[Asked..])
        {
            create.History.Add(new Content { Role = "user", Parts = { picture } });
            create.History.Add(new Content { Role = "model", Parts = { new Part { Text = "a picture" } } });
        }

        var chat = await door.Client.CreateChatAsync(create);
        var first = new SendMessageRequest { Name = chat.Name, Message = new Content { Role = "user", Parts = { pictures[..Asked], new Part { Text = "three more" } } } };
        await door.Client.SendMessageAsync(first);
        await cluster.StartSiloAsync();

        Assert.Equal(0, await leaving.TerminateAsync());

        await door.Client.SendMessageAsync(Scene.Send(chat.Name, "second", words: 2, pauseMilliseconds: 1));
        var history = new List<Content>();
        for (var page = new GetHistoryResponse(); history.Count == 0 || page.NextPageToken.Length > 0;)
        {
            page = await door.Client.GetHistoryAsync(new GetHistoryRequest { Name = chat.Name, PageSize = 1, PageToken = page.NextPageToken });
            history.AddRange(page.History);
        }

        Assert.Equal(create.History, history[..create.History.Count]);
        Assert.Equal(first.Message, history[create.History.Count]);
        Assert.Equal(create.History.Count + 4, history.Count);
    }

    [LongFact]
    public async Task Sigterm_DeclaredDeadWhileItWasFrozen_EndsSoon()
    {
        await using var cluster = await TestCluster.CreateAsync();
        var frozen = await cluster.StartSiloAsync();
        await cluster.StartSiloAsync();
        await frozen.SignalAsync("STOP");
        await cluster.SomeSiloIsDeadAsync();
        var clock = Stopwatch.StartNew();

        // The signal that is sent first waits for the other one.
        await frozen.SignalAsync("TERM");
        await frozen.SignalAsync("CONT");
        await frozen.ExitAsync();

        // The host would let it wait for 45 s.
        output.WriteLine($"The silo ended after {clock.Elapsed.TotalSeconds:0.0} s.");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{clock.Elapsed}\n{frozen}");
    }

    private static ByteString Bytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return ByteString.CopyFrom(bytes);
    }
}
