using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Grpc.Health.V1;
using Grpc.Net.Client;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>
/// A server is struck at each step of a turn, under each kind of caller. Whatever happens, the turn is there once, whole, and heard to its end.
/// </summary>
public abstract class CrashMatrixTests
{
    private const int Words = 8;

    /// <summary>How far a turn has come.</summary>
    public enum Moment
    {
        Sent,
        Accepted,
        SomeChunks,
        AllChunks,
        Ended,
        Draining,
    }

    /// <summary>What the server is struck with.</summary>
    public enum Blow
    {
        /// <summary>SIGKILL; another server starts.</summary>
        Kill,

        /// <summary>SIGSTOP; another server starts and takes over; SIGCONT.</summary>
        Freeze,
    }

    /// <summary>All cases of a store, or some of them.</summary>
    public static TheoryData<string, Moment, Blow> CasesOf(string provider)
    {
        var cases = new TheoryData<string, Moment, Blow>();
        foreach (var moment in Enum.GetValues<Moment>())
        {
            foreach (var blow in Enum.GetValues<Blow>().Where(blow => IsTested(provider, moment, blow)))
            {
                cases.Add(provider, moment, blow);
            }
        }

        return cases;
    }

    // Over Azure blobs and over Redis it is the same store.
    private static bool IsTested(string provider, Moment moment, Blow blow) => Suite.IsLong || provider switch
    {
        AzureTestStore.Provider => false,
        RedisTestStore.Provider => (moment, blow) is (Moment.Sent, Blow.Kill),
        PostgresTestStore.Provider => (moment, blow) is (Moment.SomeChunks, Blow.Freeze),
        _ => (moment, blow) is (Moment.AllChunks, Blow.Kill),
    };

    protected static async Task StrikeAtAsync(string provider, Moment moment, Blow blow)
    {
        await using var scene = await Scene.CreateAsync(provider);
        var struck = await scene.StartAsync();
        var calls = new List<TurnCall>();
        foreach (var mode in Enum.GetValues<CallMode>())
        {
            calls.Add(scene.Call(mode, Scene.Send(await Scene.CreateChatAsync(struck), $"{mode}", Words, PauseMilliseconds(moment))));
        }

        var observers = calls.ConvertAll(call => new TurnObserver(call.Request));
        await using var hold = moment is Moment.Sent ? await scene.Store.HoldCommitsAsync() : null;
        scene.Open(struck);
        var running = calls.ConvertAll(call => call.RunAsync());
        await using var holdEnd = await ReachAsync(moment, struck, scene, calls, observers);

        scene.Close();
        await StrikeAsync(blow, struck);
        await DisposeAsync(hold);
        await DisposeAsync(holdEnd);
        if (blow is Blow.Freeze)
        {
            await scene.Store.FreezeAsync(struck);
        }

        var acknowledged = calls.Where(call => call.Accepted.IsCompleted).Select(call => call.Request.Name).ToList();
        var next = await scene.StartAsync();

        // No client has said a word to it, and what was acknowledged is there.
        var idle = await Scene.IdleAsync(next);
        Assert.All(acknowledged, name => Assert.Equal(1, idle.Chats.Single(c => c.Name == name).TurnCount));

        scene.Open(next);
        if (blow is Blow.Freeze)
        {
            await struck.SignalAsync("CONT");
        }

        await Task.WhenAll(running);
        foreach (var (call, observer) in calls.Zip(observers))
        {
            await CheckAsync(next, moment, call, observer);
        }

        if (blow is Blow.Freeze)
        {
            await CheckThawedAsync(struck, moment, calls);
        }
    }

    // While it drains the turn must not end before the blow falls.
    private static int PauseMilliseconds(Moment moment) => moment is Moment.Draining ? 400 : 100;

    private static async Task<IAsyncDisposable?> ReachAsync(
        Moment moment, ServerProcess server, Scene scene, List<TurnCall> calls, List<TurnObserver> observers)
    {
        IAsyncDisposable? hold = null;
        if (moment is Moment.Sent)
        {
            // Answered behind the sends, on the same connection.
            await Task.WhenAll(calls.Select(call => scene.Store.IsReadableWhileHeld
                ? server.Client.GetChatAsync(new GetChatRequest { Name = call.Request.Name }).ResponseAsync
                : (Task)HealthAsync(server.Channel)));
            return null;
        }

        await EachAsync(observer => observer.FindAsync(server));
        if (moment is Moment.Accepted)
        {
            await Task.WhenAll(calls.Where(call => call.Mode is not CallMode.Unary).Select(call => call.Accepted.WaitAsync(TimeLimit.Token)));
            return null;
        }

        // A unary call's turn has one chunk, which comes with its last word.
        var streams = observers.Where((_, i) => calls[i].Mode is not CallMode.Unary);
        await Task.WhenAll(streams.Select(observer => observer.ReadAsync(server, copy => copy.Chunks > 0)));
        switch (moment)
        {
            case Moment.AllChunks:
                hold = await scene.Store.HoldCommitsAsync();
                await EachAsync(observer => observer.ReadAsync(server, copy => copy.Text.Length == observer.Send.Text.Length));
                break;
            case Moment.Ended:
                await EachAsync(observer => observer.ReadAsync(server, _ => false));
                break;
            case Moment.Draining:
                await DrainAsync(server);
                break;
        }

        return hold;

        Task EachAsync(Func<TurnObserver, Task> act) => Task.WhenAll(observers.Select(act));
    }

    private static async Task DrainAsync(ServerProcess server)
    {
        using var channel = GrpcChannel.ForAddress($"http://{server.Address}");
        await server.SignalAsync("TERM");
        await TimeLimit.UntilAsync(async () => (await HealthAsync(channel)).Status, status => status == ServingStatus.NotServing);
    }

    private static async Task<HealthCheckResponse> HealthAsync(GrpcChannel channel) =>
        await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest());

    private static Task StrikeAsync(Blow blow, ServerProcess server) => blow is Blow.Kill ? server.KillAsync() : server.SignalAsync("STOP");

    private static ValueTask DisposeAsync(IAsyncDisposable? hold) => hold?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task CheckAsync(ServerProcess server, Moment moment, TurnCall call, TurnObserver observer)
    {
        Assert.Equal((Turn.Types.State.Completed, call.Request.Text), (call.Ended!.State, call.Text));

        // The same request once more is the same turn.
        var again = new TurnCall(() => Task.FromResult(server.Client), call.Mode, call.Request);
        await again.RunAsync();
        Assert.Equal((call.Ended, call.Text), (again.Ended, again.Text));
        if (moment is not Moment.Sent)
        {
            // What another client had seen before, and what it sees now, are one text.
            await observer.ReadAsync(server, _ => false);
            Assert.Equal((call.Ended, call.Text), (observer.Copy.Ended, observer.Copy.Text));
        }

        await ChatChecker.CheckAsync(server.Client, call.Request.Name, [call]);
    }

    // The server that was frozen says what the other one did, if it is not on its way out.
    private static async Task CheckThawedAsync(ServerProcess thawed, Moment moment, List<TurnCall> calls)
    {
        if (moment is Moment.Draining)
        {
            Assert.Equal(0, await thawed.ExitAsync());
            return;
        }

        foreach (var call in calls)
        {
            await ChatChecker.CheckAsync(thawed.Client, call.Request.Name, [call]);
        }

        Assert.Equal(0, await thawed.TerminateAsync());
    }
}

/// <summary>A class for each store, so that they run side by side.</summary>
public sealed class SqliteCrashMatrixTests : CrashMatrixTests
{
    [Theory]
    [MemberData(nameof(CasesOf), SqliteTestStore.Provider)]
    public Task Blow_AtAnyStep_TurnIsThereOnceAndReadToItsEnd(string provider, Moment moment, Blow blow) => StrikeAtAsync(provider, moment, blow);
}

/// <inheritdoc cref="SqliteCrashMatrixTests"/>
public sealed class PostgresCrashMatrixTests : CrashMatrixTests
{
    [Theory]
    [MemberData(nameof(CasesOf), PostgresTestStore.Provider)]
    public Task Blow_AtAnyStep_TurnIsThereOnceAndReadToItsEnd(string provider, Moment moment, Blow blow) => StrikeAtAsync(provider, moment, blow);
}

/// <inheritdoc cref="SqliteCrashMatrixTests"/>
public sealed class GrainStorageCrashMatrixTests : CrashMatrixTests
{
    [Theory]
    [MemberData(nameof(CasesOf), AzureTestStore.Provider)]
    [MemberData(nameof(CasesOf), RedisTestStore.Provider)]
    public Task Blow_AtAnyStep_TurnIsThereOnceAndReadToItsEnd(string provider, Moment moment, Blow blow) => StrikeAtAsync(provider, moment, blow);
}
