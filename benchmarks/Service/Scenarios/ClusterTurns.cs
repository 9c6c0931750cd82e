using GenAI.Chats.TestKit.Postgres;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>The same turns through a cluster and through one server, on the same Postgres. The difference is what calls between processes cost.</summary>
internal sealed class ClusterTurns : IScenario
{
    private const int Silos = 3;
    private const int Doors = 2;

    public string Name => "cluster";

    public string About => "the same turns through three silos and two front doors, next to one server, both on one Postgres on this machine";

    public async Task RunAsync(BenchRun bench)
    {
        if (!PostgresTurns.CanRun())
        {
            return;
        }

        await using var postgres = await PostgresServer.StartNewAsync();
        await using var single = await bench.Servers.StartOnPostgresAsync(postgres.ConnectionString);
        await using var cluster = await bench.Servers.StartClusterAsync(postgres.ConnectionString, Silos, Doors);
        foreach (var callers in bench.Smoke ? [1] : bench.Chats)
        {
            await TurnRates.CompareAsync(bench, "unary", callers, single, Turns.Unary, cluster, Turns.Unary, "one server");
            await TurnRates.CompareAsync(bench, "stream", callers, single, Turns.Stream, cluster, Turns.Stream, "one server");
        }
    }
}
