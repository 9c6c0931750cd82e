using System.Diagnostics;
using GenAI.Chats.TestKit;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>Servers are killed at random instants of many turns at once. CHATS_KILL_SEED makes a run again.</summary>
public sealed class RandomKillTests(ITestOutputHelper output)
{
    private const string SeedVariable = "CHATS_KILL_SEED";
    private const int Chats = 20;
    private const int MaxKills = 30;
    private const int MinPoints = 200;

    public static TheoryData<string> Providers => [.. TestStore.OfOneServer];

    [LongTheory]
    [MemberData(nameof(Providers))]
    public async Task Kill_AtRandomInstants_NothingIsLostOrDoubled(string provider)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"{SeedVariable}={seed}");
        var random = new Random(seed);
        await using var scene = await Scene.CreateAsync(provider);
        var server = await scene.StartAsync();
        var names = new string[Chats];
        for (var i = 0; i < Chats; i++)
        {
            names[i] = await Scene.CreateChatAsync(server);
        }

        var all = new List<TurnCall>();
        var phases = new Dictionary<string, int> { ["sent"] = 0, ["accepted"] = 0, ["hearing"] = 0, ["ended"] = 0 };
        var longest = TimeSpan.Zero;
        var kills = 0;
        for (; phases.Values.Sum() < MinPoints && kills < MaxKills; kills++)
        {
            var calls = names.Select((name, i) => NewCall(scene, name, $"k{kills}-{i}", random)).ToList();
            var delays = calls.ConvertAll(_ => random.Next(150));
            var killAfter = random.Next(350);

            scene.Open(server);
            var running = calls.Zip(delays, RunAsync).ToList();
            await Task.Delay(killAfter);
            scene.Close();
            await server.KillAsync();
            foreach (var call in calls.Where(c => c.IsUnderWay))
            {
                phases[Phase(call)]++;
            }

            server = await scene.StartAsync();
            var recovery = Stopwatch.StartNew();
            await Scene.IdleAsync(server);
            longest = recovery.Elapsed > longest ? recovery.Elapsed : longest;

            scene.Open(server);
            await Task.WhenAll(running);
            all.AddRange(calls);
        }

        var points = string.Join(", ", phases.Select(phase => $"{phase.Key} {phase.Value}"));
        output.WriteLine($"{kills} kills, at {points}; {all.Count} turns acknowledged; longest recovery {longest}");
        foreach (var chat in all.GroupBy(call => call.Request.Name))
        {
            await ChatChecker.CheckAsync(server.Client, chat.Key, [.. chat]);
        }

        Assert.True(phases.Values.Sum() >= MinPoints, $"Only {phases.Values.Sum()} turns were under way in {kills} kills.");
    }

    private static TurnCall NewCall(Scene scene, string name, string requestId, Random random) => scene.Call(
        (CallMode)random.Next(3), Scene.Send(name, requestId, words: random.Next(1, 12), pauseMilliseconds: random.Next(30)));

    private static async Task RunAsync(TurnCall call, int delayMilliseconds)
    {
        await Task.Delay(delayMilliseconds);
        await call.RunAsync();
    }

    private static string Phase(TurnCall call) =>
        call.Ended is not null ? "ended" : call.Copy.Offset > 0 ? "hearing" : call.Accepted.IsCompleted ? "accepted" : "sent";
}
