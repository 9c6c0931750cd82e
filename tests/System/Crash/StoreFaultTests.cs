using System.Globalization;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Postgres;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>A store that fails is a reason to come back, never a defect of the server, and never the end of a turn.</summary>
public sealed class StoreFaultTests
{
    public static TheoryData<string> Providers => [.. TestStore.OfOneServer];

    [LongTheory]
    [MemberData(nameof(Providers))]
    public async Task Send_StoreIsLocked_UnavailableAndTheRetryIsOneTurn(string provider)
    {
        await using var scene = await Scene.CreateAsync(provider);
        var server = await scene.StartAsync(scene.Store.ImpatientSettings);
        var send = Scene.Send(await Scene.CreateChatAsync(server), "send", words: 3, pauseMilliseconds: 1);

        await using (await scene.Store.HoldCommitsAsync())
        {
            await AssertUnavailableAsync(server, send);
        }

        await AssertSentOnceAsync(server, send);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Stream_StoreIsLockedAtTheTurnsEnd_TheTurnEndsWhenItIsFreeAgain(string provider)
    {
        await using var scene = await Scene.CreateAsync(provider);
        var server = await scene.StartAsync(scene.Store.ImpatientSettings);
        var name = await Scene.CreateChatAsync(server);
        var otherName = await Scene.CreateChatAsync(server);
        var call = new TurnCall(() => Task.FromResult(server.Client), CallMode.Stream, Scene.Send(name, "send", words: 4, pauseMilliseconds: 100));
        var running = call.RunAsync();
        var observer = new TurnObserver(call.Request);
        await observer.FindAsync(server);
        await observer.ReadAsync(server, copy => copy.Chunks > 0);

        await using (await scene.Store.HoldCommitsAsync())
        {
            await observer.ReadAsync(server, copy => copy.Chunks == 4);

            // A later commit's failure tells that the end's has had its time too.
            await AssertUnavailableAsync(server, Scene.Send(otherName, "other", words: 1, pauseMilliseconds: 1));
        }

        await running;
        await ChatChecker.CheckAsync(server.Client, name, [call]);
    }

    [Fact]
    public async Task Send_SqliteDiskIsFull_UnavailableAndTheRetryIsOneTurn()
    {
        await using var store = new SqliteTestStore();

        // A process that ignores the signal gets the error of a disk that takes no more.
        var process = ChildProcess.Start(
            "/bin/sh",
            [
                "-c", "trap '' XFSZ; exec dotnet \"$@\"", "sh", Repository.ServerAssembly, "--Api:GrpcPort=0", "--Api:HttpPort=0", "--Models:Echo=true",
                .. store.Settings, .. Times.Hasty,
            ]);
        await using var server = await ServerProcess.GreetedAsync(process);
        var send = Scene.Send(await Scene.CreateChatAsync(server), "send", words: 3, pauseMilliseconds: 1);

        await LimitFilesAsync(server, "1");
        await AssertUnavailableAsync(server, send);
        Assert.Empty(await ChatChecker.HistoryAsync(server.Client, send.Name, curated: false));

        await LimitFilesAsync(server, "unlimited");
        await AssertSentOnceAsync(server, send);
    }

    [LongFact]
    public async Task Send_PostgresIsRestarted_EveryCallIsOneTurn()
    {
        await using var postgres = await PostgresServer.StartNewAsync();
        await using var scene = new Scene(await PostgresTestStore.CreateAsync(postgres));
        var server = await scene.StartAsync();
        scene.Open(server);
        var calls = new List<TurnCall>();
        for (var i = 0; i < 8; i++)
        {
            calls.Add(scene.Call((CallMode)(i % 3), Scene.Send(await Scene.CreateChatAsync(server), $"send-{i}", words: 5, pauseMilliseconds: 20)));
        }

        // All of them are somewhere between their first commit and their last one, or in it.
        var running = calls.ConvertAll(call => call.RunAsync());
        await Task.WhenAny(running.Append(calls[1].Accepted).Append(calls[2].Accepted));
        await postgres.CrashAsync();
        await AssertUnavailableAsync(server, Scene.Send(calls[0].Request.Name, "while-away", words: 1, pauseMilliseconds: 1));
        await postgres.StartAsync();

        await Task.WhenAll(running);
        var late = scene.Call(CallMode.Unary, Scene.Send(calls[0].Request.Name, "while-away", words: 1, pauseMilliseconds: 1));
        await late.RunAsync();
        foreach (var chat in calls.Append(late).GroupBy(call => call.Request.Name))
        {
            await ChatChecker.CheckAsync(server.Client, chat.Key, [.. chat]);
        }
    }

    private static async Task AssertUnavailableAsync(ServerProcess server, SendMessageRequest send)
    {
        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await server.Client.SendMessageAsync(send, cancellationToken: TimeLimit.Token));
        Failures.AssertUnavailable(failure);
    }

    private static async Task AssertSentOnceAsync(ServerProcess server, SendMessageRequest send)
    {
        var call = new TurnCall(() => Task.FromResult(server.Client), CallMode.Unary, send);
        await call.RunAsync();
        await ChatChecker.CheckAsync(server.Client, send.Name, [call]);
    }

    private static async Task LimitFilesAsync(ServerProcess server, string bytes) =>
        await ChildProcess.RunAsync("prlimit", [string.Create(CultureInfo.InvariantCulture, $"--pid={server.Id}"), $"--fsize={bytes}:"]);
}
