using GenAI.Chats.TestKit.Postgres;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>The same turns on Postgres, where one is installed.</summary>
internal sealed class PostgresTurns : IScenario
{
    public string Name => "postgres";

    public string About => "the same turns on Postgres, as Debian's package installs it (fsync on), on this machine too, next to a raw echo and to Sqlite";

    public async Task RunAsync(BenchRun bench)
    {
        if (!CanRun())
        {
            return;
        }

        await using var postgres = await PostgresServer.StartNewAsync();
        await using var raw = await bench.Servers.StartRawAsync();
        await using var chats = await bench.Servers.StartOnPostgresAsync(postgres.ConnectionString);
        await using var sqlite = await bench.Servers.StartAsync(bench.Servers.NewFile());
        foreach (var callers in bench.Smoke ? [1] : bench.Chats)
        {
            var turn = await TurnRates.CompareAsync(bench, "unary", callers, raw, Turns.RawUnary, chats, Turns.Unary);
            if (callers == 1)
            {
                var commits = await RowCommits.OnPostgresAsync(bench, postgres.ConnectionString);
                bench.Report.AtMost("unary turn on Postgres, 1 chat at a time, p50, against raw and two commits", turn.P50 / (turn.ReferenceP50 + commits), 2);
            }

            await TurnRates.CompareAsync(bench, "stream", callers, raw, Turns.RawStream, chats, Turns.Stream);
            var unary = await TurnRates.CompareAsync(bench, "unary", callers, sqlite, Turns.Unary, chats, Turns.Unary, "Sqlite");
            var stream = await TurnRates.CompareAsync(bench, "stream", callers, sqlite, Turns.Stream, chats, Turns.Stream, "Sqlite");
            if (callers == 64)
            {
                bench.Report.AtLeast("unary turns/s on Postgres, 64 chats, against Sqlite", unary.Ratio, 0.6);
                bench.Report.AtLeast("streaming turns/s on Postgres, 64 chats, against Sqlite", stream.Ratio, 0.6);
            }
        }
    }

    /// <summary>Whether Postgres is installed; if not, says so.</summary>
    public static bool CanRun()
    {
        var isInstalled = Directory.Exists("/usr/lib/postgresql");
        if (!isInstalled)
        {
            Console.WriteLine("  Not measured: Debian's package postgresql is not installed.");
        }

        return isInstalled;
    }
}
