using GenAI.Chats.SystemTests.Support;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Cluster;

/// <summary>Three silos and two front doors under load, while one silo after the other is frozen, killed, and stopped.</summary>
public sealed class ClusterFaultTests(ITestOutputHelper output)
{
    private const int Chats = 12;

    // Longer than it takes the others to declare the silo dead.
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task FreezeKillStop_UnderLoad_NoTurnIsLostOrFails()
    {
        await using var cluster = await TestCluster.CreateAsync();
        SiloProcess[] silos = [.. await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => cluster.StartSiloAsync()))];
        ServerProcess[] doors = [await cluster.StartDoorAsync(), await cluster.StartDoorAsync()];
        using var load = new ClusterLoad(doors, Chats);
        await load.ProceedAsync(3 * Chats);

        await silos[0].SignalAsync("STOP");
        var thaw = Task.Delay(Frozen);
        await load.ProceedAsync(3 * Chats);
        await silos[1].KillAsync();
        var second = cluster.StartSiloAsync();
        await load.ProceedAsync(3 * Chats);
        await second;
        await thaw;
        await silos[0].SignalAsync("CONT");
        await load.ProceedAsync(3 * Chats);
        Assert.Equal(0, await silos[2].TerminateAsync());
        await load.ProceedAsync(3 * Chats);

        var talks = await load.StopAsync();
        output.WriteLine($"{talks.Sum(talk => talk.Sent.Count)} turns, the longest took {talks.Max(talk => talk.Longest).TotalMilliseconds:0} ms.");
        Assert.All(talks, talk => Assert.True(talk.Longest < TimeSpan.FromSeconds(30), $"A turn took {talk.Longest}."));
    }
}
