using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>Two servers that know nothing of each other have one store, and serve the same chats.</summary>
public sealed class TwoServersTests
{
    public static TheoryData<string> Providers => [.. TestStore.OfServers];

    [LongTheory]
    [MemberData(nameof(Providers))]
    public async Task Send_SameChatsThroughBoth_EachIsRecordedOnceInOneOrder(string provider)
    {
        await using var scene = await Scene.CreateAsync(provider);
        ServerProcess[] servers = [await scene.StartAsync(), await scene.StartAsync()];
        string[] names = [await Scene.CreateChatAsync(servers[0]), await Scene.CreateChatAsync(servers[1])];

        var calls = await Task.WhenAll(names.SelectMany(name => servers.SelectMany((server, s) => Enum.GetValues<CallMode>().Select(async mode =>
        {
            // Each client sends one after the other, so that all chats are busy at both servers for a while.
            var sent = new List<TurnCall>();
            for (var i = 0; i < 4; i++)
            {
                sent.Add(new TurnCall(() => Task.FromResult(server.Client), mode, Scene.Send(name, $"s{s}-{mode}-{i}", words: 3, pauseMilliseconds: 5)));
                await sent[i].RunAsync();
            }

            return sent;
        }))));

        foreach (var chat in calls.SelectMany(sent => sent).GroupBy(call => call.Request.Name))
        {
            await ChatChecker.CheckAsync(servers[0].Client, chat.Key, [.. chat]);
            await ChatChecker.CheckAsync(servers[1].Client, chat.Key, [.. chat]);
        }
    }

    [LongTheory]
    [MemberData(nameof(Providers))]
    public async Task Send_WhileATurnRuns_NeitherServerStopsItForTheOther(string provider)
    {
        await using var scene = await Scene.CreateAsync(provider);
        var runs = await scene.StartAsync();
        var other = await scene.StartAsync();
        var name = await Scene.CreateChatAsync(runs);
        var calls = new List<TurnCall>();
        var running = new List<Task>();
        await StartAsync(runs, words: 20, pauseMilliseconds: 150);
        for (var i = 0; i < 4; i++)
        {
            await StartAsync(other, words: 1, pauseMilliseconds: 1);
            await StartAsync(runs, words: 1, pauseMilliseconds: 1);
        }

        // Each is asked for what the other one has accepted.
        TurnCall[] joins = [Join(runs, calls[1]), Join(other, calls[2])];
        await Task.WhenAll(running.Concat(joins.Select(join => join.RunAsync())));
        Assert.Equal([calls[1].Ended, calls[2].Ended], joins.Select(join => join.Ended));
        Assert.All(calls, call => Assert.Equal(1, call.Ended!.Attempt));
        await ChatChecker.CheckAsync(other.Client, name, calls);

        static TurnCall Join(ServerProcess server, TurnCall call) => new(() => Task.FromResult(server.Client), CallMode.Unary, call.Request);

        async Task StartAsync(ServerProcess server, int words, int pauseMilliseconds)
        {
            var call = new TurnCall(
                () => Task.FromResult(server.Client), CallMode.Background, Scene.Send(name, $"send-{calls.Count}", words, pauseMilliseconds));
            calls.Add(call);
            running.Add(call.RunAsync());
            await call.Accepted.WaitAsync(TimeLimit.Token);
        }
    }

    [LongTheory]
    [MemberData(nameof(Providers))]
    public async Task ReadTurn_TurnRunsInTheOther_ReaderGetsItsEvents(string provider)
    {
        await using var scene = await Scene.CreateAsync(provider);
        var runs = await scene.StartAsync();
        var other = await scene.StartAsync();
        var name = await Scene.CreateChatAsync(runs);
        using var stream = runs.Client.SendMessageStream(Scene.Send(name, "send", words: 8, pauseMilliseconds: 100));
        var started = await Echo.NextAsync(stream);

        var elsewhere = Echo.AllAsync(other.Client.ReadTurn(new ReadTurnRequest { Name = name, TurnId = started.Started.TurnId }));
        var joined = other.Client.SendMessageAsync(Scene.Send(name, "send", words: 8, pauseMilliseconds: 100)).ResponseAsync;
        List<TurnEvent> events = [started, .. await Echo.AllAsync(stream)];

        Assert.Equal(events, await elsewhere);
        Assert.Equal(events[^1].Ended, (await joined).Turn);
        Assert.Equal(1, events[^1].Ended.Attempt);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Freeze_WhileATurnRuns_TheOtherTakesOverAndTheThawedOneWritesNothing(string provider)
    {
        await using var scene = await Scene.CreateAsync(provider);
        var frozen = await scene.StartAsync();
        var other = await scene.StartAsync();
        var name = await Scene.CreateChatAsync(frozen);

        // As long as no server is struck it would not end before the freeze.
        var call = new TurnCall(() => Task.FromResult(frozen.Client), CallMode.Stream, Scene.Send(name, "send", words: 4, pauseMilliseconds: 1000));
        var heard = call.RunAsync();
        var observer = new TurnObserver(call.Request);
        await observer.FindAsync(frozen);
        await observer.ReadAsync(frozen, copy => copy.Chunks > 0);
        await scene.Store.FreezeAsync(frozen);

        await observer.ReadAsync(other, _ => false);
        Assert.Equal((2, call.Request.Text), (observer.Copy.Ended!.Attempt, observer.Copy.Text));
        var next = new TurnCall(() => Task.FromResult(other.Client), CallMode.Unary, Scene.Send(name, "next", words: 1, pauseMilliseconds: 1));
        await next.RunAsync();
        Assert.False(heard.IsCompleted);

        await frozen.SignalAsync("CONT");
        await heard;
        Assert.Equal((observer.Copy.Ended, call.Request.Text), (call.Ended, call.Text));
        var last = new TurnCall(() => Task.FromResult(frozen.Client), CallMode.Unary, Scene.Send(name, "last", words: 1, pauseMilliseconds: 1));
        await last.RunAsync();
        await ChatChecker.CheckAsync(frozen.Client, name, [call, next, last]);
        await ChatChecker.CheckAsync(other.Client, name, [call, next, last]);
    }
}
