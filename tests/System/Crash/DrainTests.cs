using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>A server that is told to stop says so first, lets its turns end, and is not held up by clients that just listen.</summary>
public sealed class DrainTests
{
    // So long that a test fails that waits for it.
    private const string LongDrain = "--Chats:DrainTimeout=00:10:00";
    private const string ShortDrain = "--Chats:DrainTimeout=00:00:00.2";

    [Fact]
    public async Task Sigterm_TurnRuns_ReadinessGoesDownWhileReadsAreAnswered()
    {
        await using var scene = await Scene.CreateAsync(SqliteTestStore.Provider);
        var server = await scene.StartAsync(LongDrain);
        using var channel = GrpcChannel.ForAddress($"http://{server.Address}");
        var health = new Health.HealthClient(channel);
        using var watch = health.Watch(new HealthCheckRequest());
        Assert.Equal(ServingStatus.Serving, (await NextAsync(watch)).Status);
        var name = await Scene.CreateChatAsync(server);
        using var stream = server.Client.SendMessageStream(Scene.Send(name, "send", words: 8, pauseMilliseconds: 300));
        var started = await Echo.NextAsync(stream);

        await server.SignalAsync("TERM");
        while ((await NextAsync(watch)).Status == ServingStatus.Serving)
        {
            // A watch may say twice how things are.
        }

        Assert.Equal(ServingStatus.NotServing, (await health.CheckAsync(new HealthCheckRequest())).Status);

        // The turn runs on, and who asks for it now hears it too.
        var chat = await server.Client.GetChatAsync(new GetChatRequest { Name = name });
        var late = Echo.AllAsync(server.Client.ReadTurn(new ReadTurnRequest { Name = name, TurnId = started.Started.TurnId }));
        List<TurnEvent> events = [started, .. await Echo.AllAsync(stream)];
        Assert.Equal(started.Started.TurnId, chat.ActiveTurnId);
        Assert.Equal((Turn.Types.State.Completed, 1), (events[^1].Ended.State, events[^1].Ended.Attempt));
        Assert.Equal(events, await late);
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task Sigterm_TurnOutlastsTheDrain_ItsStreamsEndWithAnOffsetThatResumes()
    {
        await using var scene = await Scene.CreateAsync(SqliteTestStore.Provider);
        var server = await scene.StartAsync(ShortDrain);
        var name = await Scene.CreateChatAsync(server);
        var send = Scene.Send(name, "send", words: 5, pauseMilliseconds: 1500);
        using var stream = server.Client.SendMessageStream(send);
        await Echo.NextAsync(stream);
        var unary = server.Client.SendMessageAsync(send).ResponseAsync;
        var observer = new TurnObserver(send);
        await observer.FindAsync(server);
        await observer.ReadAsync(server, copy => copy.Chunks > 0);
        var cut = observer.ReadAsync(server, _ => false);

        Assert.Equal(0, await server.TerminateAsync());

        Failures.AssertUnavailable(await Assert.ThrowsAsync<RpcException>(() => cut));
        Failures.AssertUnavailable(await Assert.ThrowsAsync<RpcException>(() => Echo.AllAsync(stream)));
        Failures.AssertUnavailable(await Assert.ThrowsAsync<RpcException>(() => unary));
        server = await scene.StartAsync();
        await observer.ReadAsync(server, _ => false);
        Assert.Equal((Turn.Types.State.Completed, send.Text), (observer.Copy.Ended!.State, observer.Copy.Text));
        Assert.Equal(observer.Copy.Ended, (await server.Client.SendMessageAsync(send)).Turn);
    }

    [LongFact]
    public async Task Sigterm_OnlyListenersAreLeft_EndsWithoutWaitingForThem()
    {
        await using var scene = await Scene.CreateAsync(SqliteTestStore.Provider);
        var server = await scene.StartAsync(LongDrain);
        using var channel = GrpcChannel.ForAddress($"http://{server.Address}");
        using var watch = new Health.HealthClient(channel).Watch(new HealthCheckRequest());
        await NextAsync(watch);

        // One has asked for a turn of megabytes, and reads none of them; the turn itself has ended.
        var name = await Scene.CreateChatAsync(server);
        var turn = (await Echo.AllAsync(server.Client.SendMessageStream(new SendMessageRequest
        {
            Name = name,
            Text = new string('w', 64 * 1024) + " ",
            Config = new GenerateContentConfig { Labels = { ["echo-repeat"] = "64" } },
        })))[^1].Ended;
        using var stalled = server.Client.ReadTurn(new ReadTurnRequest { Name = name, TurnId = turn.TurnId });
        await stalled.ResponseHeadersAsync;

        Assert.Equal(0, await server.TerminateAsync());
    }

    private static async Task<HealthCheckResponse> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(TimeLimit.Token), "The stream ended.");
        return watch.ResponseStream.Current;
    }
}
