using System.Net;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Grpc.Core;
using Grpc.Health.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace GenAI.Chats.Api.Tests.Hosting;

/// <summary>Servers that stop while turns run.</summary>
public sealed class DrainTests
{
    [Fact]
    public async Task Stop_TurnRuns_IsNotReadyAndReadsAreAnsweredUntilTheTurnHasEnded()
    {
        await using var owner = new DisposableServer(await TestServer.StartAsync("--Chats:DrainTimeout=00:05:00"));
        var server = owner.Value;
        var (chat, gate) = await ChatAsync(server);
        using var call = chat.Stream("hi");
        var turnId = (await call.NextAsync()).Started.TurnId;
        await call.NextAsync();
        var health = new Health.HealthClient(server.Channel);
        using var watch = health.Watch(new HealthCheckRequest());
        Assert.Equal(ServingStatus.Serving, await watch.NextStatusAsync());

        var stopped = server.StopAsync();

        Assert.Equal(ServingStatus.NotServing, await watch.NextStatusAsync());
        Assert.Equal(ServingStatus.NotServing, (await health.CheckAsync(new HealthCheckRequest())).Status);
        Assert.Equal(
            ServingStatus.NotServing, (await health.CheckAsync(new HealthCheckRequest { Service = V1.Chats.Descriptor.FullName })).Status);
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync(new Uri(server.Addresses.Http, "/healthz/ready"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(server.Addresses.Http, "/healthz/live"))).StatusCode);
        using var read = chat.Read(turnId);
        Assert.Equal(1, (await read.NextAsync()).Offset);
        Assert.Equal(2, (await read.NextAsync()).Offset);
        Assert.Equal(Turn.Types.State.Running, (await chat.GetTurnAsync(turnId)).State);
        Assert.Empty(await chat.HistoryAsync());
        Assert.False(stopped.IsCompleted);

        gate.Open();

        Assert.Equal(["two"], (await call.ToListAsync()).Texts());
        Assert.Equal(Turn.Types.State.Completed, (await read.ToListAsync())[^1].Ended.State);
        await stopped;
    }

    [Fact]
    public async Task Stop_TurnRunsLongerThanTheDrain_ReadersFailWithARetryDelay()
    {
        await using var server = new DisposableServer(await TestServer.StartAsync("--Chats:DrainTimeout=00:00:00.2"), "DrainOver");
        var (chat, _) = await ChatAsync(server.Value);
        using var call = chat.Stream("hi");
        await call.NextAsync();
        await call.NextAsync();
        using var read = chat.Read((await chat.GetAsync()).ActiveTurnId);
        await read.NextAsync();

        var stopped = server.Value.StopAsync();

        foreach (var stream in (AsyncServerStreamingCall<TurnEvent>[])[call, read])
        {
            var failure = await Failure.OfAsync(stream);
            Assert.Equal((StatusCode.Unavailable, "SERVER_STOPPING"), (failure.Code, failure.Reason));
            Assert.Equal(TimeSpan.FromSeconds(1), failure.RetryDelay);
        }

        await chat.Requests[0].ClosedByClient.InTime();
        await stopped;
    }

    [Fact]
    public async Task Stop_NothingHasStoppedYet_IsNotReady()
    {
        await using var server = new DisposableServer(await TestServer.StartAsync());
        using var http = new HttpClient();
        var ready = new Uri(server.Value.Addresses.Http, "/healthz/ready");
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(ready)).StatusCode);

        // Only told to: its services have not heard of it.
        server.Value.App.Lifetime.StopApplication();

        Assert.Equal(ServingStatus.NotServing, (await new Health.HealthClient(server.Value.Channel).CheckAsync(new HealthCheckRequest())).Status);
        var answer = await http.GetAsync(ready);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("Unhealthy: The server is stopping.", await answer.Content.ReadAsStringAsync());
    }

    private static async Task<(TestChat Chat, Gate Gate)> ChatAsync(TestServer server)
    {
        var chat = await server.NewChatAsync();
        var gate = new Gate();
        chat.Answer(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).WaitFor(gate).Event(GeminiJson.Text("two", "STOP")));
        return (chat, gate);
    }
}
