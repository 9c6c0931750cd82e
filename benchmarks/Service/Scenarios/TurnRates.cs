using GenAI.Chats.Bench.Load;
using GenAI.Chats.Bench.Reporting;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>Turns of model echo at several numbers of chats, next to the raw calls. Rounds of both alternate, so that a machine that slows down slows both.</summary>
internal sealed class TurnRates : IScenario
{
    public string Name => "turns";

    public string About => "durable turns (Sqlite, synchronous=FULL) of 20 words, and a raw gRPC echo of the same; one caller a chat; times in ms";

    public async Task RunAsync(BenchRun bench)
    {
        await using var raw = await bench.Servers.StartRawAsync();
        await using var chats = await bench.Servers.StartAsync(bench.Servers.NewFile());
        Comparison? single = null;
        foreach (var callers in bench.Smoke ? [1, 8] : bench.Chats)
        {
            var unary = await CompareAsync(bench, "unary", callers, raw, Turns.RawUnary, chats, Turns.Unary);
            var stream = await CompareAsync(bench, "stream", callers, raw, Turns.RawStream, chats, Turns.Stream);
            if (callers == 1)
            {
                bench.Report.AtMost("unary turn, 1 chat at a time, p50 in ms", unary.P50, 1);
                var commits = await RowCommits.OnSqliteAsync(bench);
                var ratio = unary.P50 / (unary.ReferenceP50 + commits);
                bench.Report.AddRatio("unary turn, 1 chat at a time, p50, against raw and two commits", ratio, Better.Lower);
                bench.Report.AtMost("unary turn, 1 chat at a time, p50, against raw and two commits", ratio, 1.7);
                bench.Report.AtMost("unary turn, 1 chat at a time, context switches of the server", unary.Switches, 12);
                single = unary;
            }

            if (callers == 64)
            {
                bench.Report.AtLeast("unary turns/s, 64 chats", unary.PerSecond, 8000);
                bench.Report.AtLeast("unary turns/s, 64 chats, against the raw unary echo", unary.Ratio, 0.20);
                bench.Report.AtLeast("streaming turns/s, 64 chats", stream.PerSecond, 2500);
                bench.Report.AtLeast("streaming turns/s, 64 chats, against the raw stream", stream.Ratio, 0.25);
                bench.Report.AtMost("time to first chunk, 64 chats, p50, against the raw stream's", stream.FirstRatio, 3);
                bench.Report.AtMost("KiB allocated per unary turn, 64 chats", unary.AllocatedKiB, 20);
                bench.Report.AtMost("KiB allocated per turn of 20 chunks, 64 chats", stream.AllocatedKiB, 35);
                if (single is not null)
                {
                    bench.Report.AtMost("server CPU of a unary turn, 1 chat at a time, against 64 chats", single.CpuMilliseconds / unary.CpuMilliseconds, 3);
                }
            }
        }
    }

    /// <summary>Measures turns, and the calls of the same shape that they are compared with.</summary>
    public static async Task<Comparison> CompareAsync(
        BenchRun bench,
        string name,
        int callers,
        IMeasured raw,
        Func<Grpc.Net.Client.GrpcChannel, Task<Func<Task<long>>>> rawCaller,
        IMeasured chats,
        Func<Grpc.Net.Client.GrpcChannel, Task<Func<Task<long>>>> caller,
        string reference = "raw")
    {
        using var rawLoop = await ClosedLoop.CreateAsync(raw, callers, rawCaller);
        using var loop = await ClosedLoop.CreateAsync(chats, callers, caller);
        await rawLoop.WarmUpAsync(bench.Seconds(1), bench.Seconds(60));
        await loop.WarmUpAsync(bench.Seconds(1), bench.Seconds(60));
        var rounds = new List<(Measurement Raw, Measurement Own)>();
        for (var i = 0; i < bench.Count(5, 1); i++)
        {
            rounds.Add((await rawLoop.RunAsync(bench.Seconds(1)), await loop.RunAsync(bench.Seconds(2))));
        }

        Print(bench, $"{reference} {name}, {callers} callers", [.. rounds.Select(r => r.Raw)]);
        Print(bench, $"{name}, {callers} chats", [.. rounds.Select(r => r.Own)]);
        var result = new Comparison(
            Measurement.Median(rounds.Select(r => r.Own.PerSecond)),
            Measurement.Median(rounds.Select(r => r.Own.Whole(0.5))),
            Measurement.Median(rounds.Select(r => r.Raw.Whole(0.5))),
            Measurement.Median(rounds.Select(r => r.Own.PerSecond / r.Raw.PerSecond)),
            Measurement.Median(rounds.Select(r => r.Own.First(0.5) / r.Raw.First(0.5))),
            Measurement.Median(rounds.Select(r => r.Own.CpuMilliseconds)),
            Measurement.Median(rounds.Select(r => r.Own.AllocatedKiB)),
            Measurement.Median(rounds.Select(r => r.Own.Switches)));
        var processor = Measurement.Median(rounds.Select(r => r.Own.CpuMilliseconds / r.Raw.CpuMilliseconds));
        bench.Report.Add(
            $"{name}, {callers} chats, against {reference}", ("turns", result.Ratio), ("first chunk", result.FirstRatio), ("cpu", processor));
        bench.Report.AddRatio($"{name}, {callers} chats, turns/s, against {reference}", result.Ratio, Better.Higher);
        bench.Report.AddRatio($"{name}, {callers} chats, first chunk, against {reference}", result.FirstRatio, Better.Lower);
        bench.Report.AddRatio($"{name}, {callers} chats, server CPU, against {reference}", processor, Better.Lower);
        bench.Report.AddRatio($"{name}, {callers} chats, KiB allocated", result.AllocatedKiB, Better.Lower);
        bench.Report.AddRatio($"{name}, {callers} chats, context switches", result.Switches, Better.Lower);
        return result;
    }

    private static void Print(BenchRun bench, string name, Measurement[] rounds) => bench.Report.Add(
        name,
        ("per s", Measurement.Median(rounds.Select(r => r.PerSecond))),
        ("p50", Measurement.Median(rounds.Select(r => r.Whole(0.5)))),
        ("p99", Measurement.Median(rounds.Select(r => r.Whole(0.99)))),
        ("first p50", Measurement.Median(rounds.Select(r => r.First(0.5)))),
        ("first p99", Measurement.Median(rounds.Select(r => r.First(0.99)))),
        ("cpu", Measurement.Median(rounds.Select(r => r.CpuMilliseconds))),
        ("KiB allocated", Measurement.Median(rounds.Select(r => r.AllocatedKiB))),
        ("switches", Measurement.Median(rounds.Select(r => r.Switches))));

    /// <summary>Medians of a comparison's rounds.</summary>
    /// <param name="PerSecond">Turns a second.</param>
    /// <param name="P50">The median turn's time in ms.</param>
    /// <param name="ReferenceP50">The median time of the calls that the turns are compared with, in ms.</param>
    /// <param name="Ratio">Turns a second, as a share of the raw calls'.</param>
    /// <param name="FirstRatio">The median time to the first chunk, as a multiple of the raw stream's.</param>
    /// <param name="CpuMilliseconds">The server's processor time per turn.</param>
    /// <param name="AllocatedKiB">What the server allocates per turn.</param>
    /// <param name="Switches">The server's context switches per turn.</param>
    internal sealed record Comparison(
        double PerSecond,
        double P50,
        double ReferenceP50,
        double Ratio,
        double FirstRatio,
        double CpuMilliseconds,
        double AllocatedKiB,
        double Switches);
}
