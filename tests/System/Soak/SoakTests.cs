using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using GenAI.Chats.SystemTests.Crash;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Grpc.Core;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Soak;

/// <summary>
/// Clients of all kinds at two servers of one store, one of which is killed every few seconds. CHATS_SOAK_SECONDS says for how long, CHATS_SOAK_SEED makes
/// the same plan again.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const string SecondsVariable = "CHATS_SOAK_SECONDS";
    private const string SeedVariable = "CHATS_SOAK_SEED";
    private const int Chats = 6;
    private const int Clients = 12;
    private static readonly TimeSpan KillInterval = TimeSpan.FromSeconds(5);

    [LongTheory]
    [InlineData(SqliteTestStore.Provider)]
    [InlineData(PostgresTestStore.Provider)]
    public async Task Clients_TwoServersOneKilledEveryFiveSeconds_NothingIsLostDoubledOrOutOfOrder(string provider)
    {
        var seed = Number(SeedVariable) ?? Random.Shared.Next();
        var duration = TimeSpan.FromSeconds(Number(SecondsVariable) ?? 30);
        output.WriteLine($"{SeedVariable}={seed}");
        await using var scene = await Scene.CreateAsync(provider);
        var servers = new[] { await scene.StartAsync(), await scene.StartAsync() };
        var names = new string[Chats];
        for (var i = 0; i < Chats; i++)
        {
            names[i] = await Scene.CreateChatAsync(servers[i % 2]);
        }

        var calls = new ConcurrentBag<TurnCall>();
        var clock = Stopwatch.StartNew();
        var clients = Enumerable.Range(0, Clients).Select(async i =>
        {
            var random = new Random(unchecked((seed * 31) + i));
            for (var n = 0; clock.Elapsed < duration; n++)
            {
                calls.Add(await SendAsync(servers, names[random.Next(Chats)], $"c{i}-{n}", random));
            }
        }).ToList();

        var kills = await KillAsync(scene, servers, clock, duration, new Random(seed));
        await Task.WhenAll(clients);
        output.WriteLine(Summary(calls, kills, clock.Elapsed));
        foreach (var chat in calls.GroupBy(call => call.Request.Name))
        {
            await ChatChecker.CheckAsync(servers[0].Client, chat.Key, [.. chat]);
            await ChatChecker.CheckAsync(servers[1].Client, chat.Key, [.. chat]);
        }

        Assert.All(await Task.WhenAll(servers.Select(server => server.TerminateAsync())), code => Assert.Equal(0, code));
    }

    private static async Task<TurnCall> SendAsync(ServerProcess[] servers, string name, string requestId, Random random)
    {
        var request = Scene.Send(name, requestId, words: random.Next(1, 12), pauseMilliseconds: random.Next(10));
        var call = new TurnCall(() => Task.FromResult(servers[random.Next(2)].Client), (CallMode)random.Next(3), request);
        if (random.Next(2) == 0)
        {
            call.HangUpAfter = random.Next(1, 12);
        }

        var cancel = random.Next(8) == 0 ? CancelAsync(servers, call, random.Next(100), random.Next(2)) : Task.CompletedTask;
        await call.RunAsync();
        await cancel;
        return call;
    }

    // Asks once, at whatever server: the turn may have ended, or run at the other one. What became of it the caller hears.
    private static async Task CancelAsync(ServerProcess[] servers, TurnCall call, int delayMilliseconds, int server)
    {
        var turnId = await call.Accepted;
        await Task.Delay(delayMilliseconds);
        try
        {
            await servers[server].Client.CancelTurnAsync(
                new CancelTurnRequest { Name = call.Request.Name, TurnId = turnId }, deadline: DateTime.UtcNow.AddSeconds(5));
        }
        catch (RpcException failure) when (Failures.IsPassing(failure) || failure.StatusCode is StatusCode.DeadlineExceeded)
        {
            // As if it had not been asked.
        }
    }

    private static async Task<int> KillAsync(Scene scene, ServerProcess[] servers, Stopwatch clock, TimeSpan duration, Random random)
    {
        for (var kills = 0; ; kills++)
        {
            if (clock.Elapsed + KillInterval > duration)
            {
                return kills;
            }

            await Task.Delay(KillInterval);
            var killed = random.Next(2);
            await servers[killed].KillAsync();
            servers[killed] = await scene.StartAsync();
        }
    }

    private static string Summary(ConcurrentBag<TurnCall> calls, int kills, TimeSpan elapsed) => string.Create(
        CultureInfo.InvariantCulture,
        $"{calls.Count} turns, {calls.Count(c => c.Ended!.State == Turn.Types.State.Cancelled)} of them cancelled, "
        + $"{calls.Count(c => c.Ended!.Attempt > 1)} run again, {kills} kills, {elapsed.TotalSeconds:0} s, "
        + $"longest wait {calls.Max(c => c.Times.Ended - c.Times.Sent)} ms");

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
