using System.Diagnostics;
using System.Globalization;
using System.Net;
using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.TestKit.Postgres;
using GenAI.Chats.TestKit.Redis;
using GenAI.Chats.V1;
using Grpc.Core;
using Grpc.Health.V1;
using Xunit.Abstractions;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace GenAI.Chats.SystemTests.Telemetry;

/// <summary>
/// A storage outage under load: first the store hangs, then it's unreachable. <c>CHATS_TEST_OUTAGE_SECONDS</c> sets the duration, and makes the server use its
/// default times.
/// </summary>
public sealed class StoreOutageTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    // For a busy machine.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(20);

    private static readonly int? Seconds =
        int.TryParse(Environment.GetEnvironmentVariable("CHATS_TEST_OUTAGE_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly CancellationTokenSource _over = new();
    private volatile ServingStatus _watched;

    [Fact]
    public async Task Outage_OfPostgresUnderLoad_ReadinessFollowsAndNoTurnIsLost()
    {
        await using var postgres = await PostgresServer.StartNewAsync();
        await using var store = await PostgresTestStore.CreateAsync(postgres);
        await CheckAsync(store, postgres.FreezeAsync, postgres.ThawAsync, postgres.CrashAsync, postgres.StartAsync);
    }

    [LongFact]
    public async Task Outage_OfRedisUnderLoad_ReadinessFollowsAndNoTurnIsLost()
    {
        var redis = await RedisServer.StartNewAsync();
        await using var store = await RedisTestStore.CreateAsync(redis);
        await CheckAsync(store, redis.FreezeAsync, redis.ThawAsync, redis.CrashAsync, redis.StartAsync);
    }

    public void Dispose() => _over.Dispose();

    private async Task CheckAsync(TestStore store, Func<Task> freeze, Func<Task> thaw, Func<Task> crash, Func<Task> start)
    {
        await using var server = await store.StartServerAsync(Seconds is null ? Times.Hasty : []);
        var watch = WatchAsync(server);
        await UntilAsync(server, ServingStatus.Serving, HttpStatusCode.OK, "Healthy");
        var chats = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Scene.CreateChatAsync(server)));
        var load = chats.Select((chat, i) => SendAsync(server, chat, (CallMode)(i % 3))).ToList();
        var probe = ProbeAsync(server, await Scene.CreateChatAsync(server));

        await freeze();
        var away = _clock.Elapsed;
        await UntilAsync(server, ServingStatus.NotServing, HttpStatusCode.ServiceUnavailable, "Unhealthy: Storage writes have been failing for ");
        output.WriteLine($"NOT_SERVING {(_clock.Elapsed - away).TotalSeconds:0.0} s after the store froze");
        await PassAsync(away, part: 0.5);
        await thaw();
        await crash();
        await PassAsync(away, part: 1);
        await start();
        var back = _clock.Elapsed;
        output.WriteLine($"the store was away for {(back - away).TotalSeconds:0.0} s");
        await UntilAsync(server, ServingStatus.Serving, HttpStatusCode.OK, "Healthy");
        output.WriteLine($"SERVING {(_clock.Elapsed - back).TotalSeconds:0.0} s after the store was back");

        await _over.CancelAsync();
        var calls = await Task.WhenAll(load);
        var probes = await probe;
        await watch;
        output.WriteLine($"{calls.Sum(of => of.Count)} turns, each there once; {probes.Count} calls with a deadline of {Deadline.TotalSeconds} s: "
            + string.Join(", ", probes.CountBy(one => one.Status)) + $"; the longest took {probes.Max(one => one.Took).TotalSeconds:0.0} s");
        foreach (var (chat, of) in chats.Zip(calls))
        {
            await ChatChecker.CheckAsync(server.Client, chat, of);
        }

        Assert.All(probes, one => Assert.True(one.Took < Deadline + Slack, $"A call took {one.Took}."));
        Assert.All(probes, one => Assert.Contains(one.Status, new[] { StatusCode.OK, StatusCode.Unavailable, StatusCode.DeadlineExceeded }));

        // One of the sequential calls was running when the outage began. It can have survived a short outage.
        Assert.Contains(probes, one => one.Status is not StatusCode.OK || one.Took > (back - away) / 2);
    }

    // A slow commit on a busy machine can be a short outage itself, so only the last status counts. The watch restarts if the connection is lost.
    private async Task WatchAsync(ServerProcess server)
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                using var watch = new Health.HealthClient(server.Channel).Watch(
                    new HealthCheckRequest { Service = V1.Chats.Descriptor.FullName }, cancellationToken: _over.Token);
                while (await watch.ResponseStream.MoveNext(CancellationToken.None))
                {
                    _watched = watch.ResponseStream.Current.Status;
                }

                Assert.Fail("The server ended the watch.");
            }
            catch (RpcException failure)
            {
                output.WriteLine($"{_clock.Elapsed.TotalSeconds:0.0} s: the watch ended with {failure.Status}");
            }
        }
    }

    // Waits until the gRPC and the HTTP health checks have the same status.
    private async Task UntilAsync(ServerProcess server, ServingStatus status, HttpStatusCode ready, string words)
    {
        using var http = new HttpClient();
        await TimeLimit.UntilAsync(
            async () =>
            {
                using var response = await http.GetAsync(server.Ready, TimeLimit.Token);
                return (Watched: _watched, Ready: response.StatusCode, Words: await response.Content.ReadAsStringAsync());
            },
            seen => seen.Watched == status && seen.Ready == ready && seen.Words.StartsWith(words, StringComparison.Ordinal));
        using var alive = await http.GetAsync(new Uri(server.Ready!, "live"), TimeLimit.Token);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    private async Task PassAsync(TimeSpan since, double part)
    {
        if (Seconds is { } seconds && since + TimeSpan.FromSeconds(seconds * part) - _clock.Elapsed is { Ticks: > 0 } left)
        {
            await Task.Delay(left);
        }
    }

    // A client that retries each turn until it has ended.
    private async Task<List<TurnCall>> SendAsync(ServerProcess server, string chat, CallMode mode)
    {
        var calls = new List<TurnCall>();
        do
        {
            var call = new TurnCall(() => Task.FromResult(server.Client), mode, Scene.Send(chat, $"send-{calls.Count}", words: 3, pauseMilliseconds: 20));
            await call.RunAsync();
            calls.Add(call);
        }
        while (!_over.IsCancellationRequested);
        return calls;
    }

    // A client without retries, with a deadline.
    private async Task<List<(StatusCode Status, TimeSpan Took)>> ProbeAsync(ServerProcess server, string chat)
    {
        var seen = new List<(StatusCode, TimeSpan)>();
        do
        {
            var begin = _clock.Elapsed;
            var status = StatusCode.OK;
            try
            {
                var send = new SendMessageRequest { Name = chat, Text = "hi" };
                await server.Client.SendMessageAsync(send, deadline: DateTime.UtcNow + Deadline, cancellationToken: TimeLimit.Token);
            }
            catch (RpcException failure)
            {
                status = failure.StatusCode;
            }

            seen.Add((status, _clock.Elapsed - begin));
        }
        while (!_over.IsCancellationRequested);
        return seen;
    }
}
