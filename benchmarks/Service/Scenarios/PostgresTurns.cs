using GenAI.Chats.TestKit.Postgres;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>The same turns on Postgres, where one is installed.</summary>
internal sealed class PostgresTurns : IScenario
{
    public string Name => "postgres";

    public string About => "the same turns on Postgres, as Debian's package installs it (fsync on), on this machine too";

    public async Task RunAsync(BenchRun bench)
    {
        if (!Directory.Exists("/usr/lib/postgresql"))
        {
            Console.WriteLine("  Not measured: Debian's package postgresql is not installed.");
            return;
        }

        await using var postgres = await PostgresServer.StartNewAsync();
        await using var raw = await bench.Servers.StartRawAsync();
        await using var chats = await bench.Servers.StartOnPostgresAsync(postgres.ConnectionString);
        foreach (var callers in bench.Smoke ? [1] : new[] { 1, 8, 64, 512 })
        {
            await TurnRates.CompareAsync(bench, "unary", callers, raw, Turns.RawUnary, chats, Turns.Unary);
            await TurnRates.CompareAsync(bench, "stream", callers, raw, Turns.RawStream, chats, Turns.Stream);
        }
    }
}
