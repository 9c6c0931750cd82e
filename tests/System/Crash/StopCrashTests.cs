using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>INTERRUPT, ROLLBACK, CancelTurn, and DeleteChat, with servers that are killed or that know nothing of each other.</summary>
public sealed class StopCrashTests
{
    // Longer than any test waits for it, unless it is stopped.
    private const int Words = 1000;
    private const int Pause = 200;

    public static TheoryData<string> ServersProviders => [.. TestStore.OfServers];

    /// <summary>What stops the running turn.</summary>
    public enum StopKind
    {
        Rollback,
        Interrupt,
        Cancel,
    }

    public static TheoryData<string, StopKind> Stops => EachStop(TestStore.OfOneServer, StopKind.Rollback);

    public static TheoryData<string, StopKind> StopsOfServers => EachStop(TestStore.OfServers, StopKind.Cancel);

    [Theory]
    [MemberData(nameof(Stops))]
    public async Task Kill_RightAfterTheStopIsAcknowledged_TheTurnDoesNotRunAgain(string provider, StopKind stop)
    {
        await using var scene = await Scene.CreateAsync(provider);
        var struck = await scene.StartAsync();
        var name = await Scene.CreateChatAsync(struck);
        var running = await AcceptAsync(struck, Scene.Send(name, "old", Words, Pause));
        string? next = null;
        if (stop is StopKind.Cancel)
        {
            await struck.Client.CancelTurnAsync(new CancelTurnRequest { Name = name, TurnId = running });
        }
        else
        {
            var send = Scene.Send(name, "new", words: 3, Pause);
            send.OnBusy = stop is StopKind.Rollback ? BusyPolicy.Rollback : BusyPolicy.Interrupt;
            next = await AcceptAsync(struck, send);
        }

        await struck.KillAsync();

        var server = await scene.StartAsync();
        await Scene.IdleAsync(server);
        var stopped = await server.Client.GetTurnAsync(new GetTurnRequest { Name = name, TurnId = running });
        Assert.Equal(Turn.Types.State.Cancelled, stopped.State);
        if (stop is StopKind.Rollback)
        {
            Assert.Equal(0, stopped.Revision);
        }

        var history = await ChatChecker.HistoryAsync(server.Client, name, curated: true);
        Assert.Equal(next is null ? [] : [("user", "new.1 new.2 new.3"), ("model", "new.1 new.2 new.3")], history);
    }

    [Theory]
    [MemberData(nameof(StopsOfServers))]
    public async Task Stop_TurnRunsOnTheOtherServer_EndsThereWithinTwoHeartbeats(string provider, StopKind stop)
    {
        await using var scene = await Scene.CreateAsync(provider);
        var runs = await scene.StartAsync();
        var other = await scene.StartAsync();
        var name = await Scene.CreateChatAsync(runs);
        var running = await AcceptAsync(runs, Scene.Send(name, "old", Words, Pause));
        if (stop is StopKind.Cancel)
        {
            var ended = await other.Client.CancelTurnAsync(new CancelTurnRequest { Name = name, TurnId = running });
            Assert.Equal((Turn.Types.State.Cancelled, 1), (ended.State, ended.Attempt));
        }
        else
        {
            var send = Scene.Send(name, "new", words: 1, pauseMilliseconds: 1);
            send.OnBusy = stop is StopKind.Rollback ? BusyPolicy.Rollback : BusyPolicy.Interrupt;
            await other.Client.SendMessageAsync(send, cancellationToken: TimeLimit.Token);
        }

        Assert.Equal(Turn.Types.State.Cancelled, (await runs.Client.GetTurnAsync(new GetTurnRequest { Name = name, TurnId = running })).State);
        Assert.Equal(
            stop is StopKind.Cancel ? [] : [("user", "new.1"), ("model", "new.1")], await ChatChecker.HistoryAsync(runs.Client, name, curated: true));
    }

    [LongTheory]
    [MemberData(nameof(ServersProviders))]
    public async Task Delete_ThroughTheOtherServerAndCreatedAgain_NothingOfTheOldChatReachesTheNewOne(string provider)
    {
        await using var scene = await Scene.CreateAsync(provider);
        var runs = await scene.StartAsync();
        var other = await scene.StartAsync();
        const string Id = "again";
        const string Name = $"chats/{Id}";
        await runs.Client.CreateChatAsync(new CreateChatRequest { ChatId = Id, Model = Echo.Model });
        var old = new TurnCall(() => Task.FromResult(runs.Client), CallMode.Background, Scene.Send(Name, "old", words: 5, pauseMilliseconds: 100));
        await AcceptAsync(runs, old.Request);

        var delete = new DeleteChatRequest { Name = Name, RequestId = "delete" };
        await other.Client.DeleteChatAsync(delete);
        await other.Client.CreateChatAsync(new CreateChatRequest { ChatId = Id, Model = Echo.Model });
        await other.Client.DeleteChatAsync(delete);

        // The old turn has long ended by then.
        var reply = await other.Client.SendMessageAsync(Scene.Send(Name, "new", words: 10, pauseMilliseconds: 100), cancellationToken: TimeLimit.Token);
        Assert.Equal((1, 1L), (reply.Turn.Attempt, reply.Turn.Revision));
        var next = await runs.Client.SendMessageAsync(Scene.Send(Name, "next", words: 1, pauseMilliseconds: 1), cancellationToken: TimeLimit.Token);
        Assert.Equal(2, next.Turn.Revision);
        var history = await ChatChecker.HistoryAsync(runs.Client, Name, curated: false);
        Assert.Equal(4, history.Count);
        Assert.All(history, content => Assert.DoesNotContain("old", content.Text, StringComparison.Ordinal));
    }

    private static TheoryData<string, StopKind> EachStop(IReadOnlyList<string> providers, StopKind usual)
    {
        var cases = new TheoryData<string, StopKind>();
        foreach (var provider in providers)
        {
            foreach (var stop in Suite.IsLong ? Enum.GetValues<StopKind>() : [usual])
            {
                cases.Add(provider, stop);
            }
        }

        return cases;
    }

    // The turn's id, once the turn is durable.
    private static async Task<string> AcceptAsync(ServerProcess server, SendMessageRequest request)
    {
        using var stream = server.Client.SendMessageStream(request, cancellationToken: TimeLimit.Token);
        return (await stream.ResponseHeadersAsync).GetValue("turn-id")!;
    }
}
