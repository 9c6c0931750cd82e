using System.Globalization;
using GenAI.Chats.Bench.Baseline;
using GenAI.Chats.Bench.Load;
using GenAI.Chats.Bench.Scenarios;

if (args is ["echo-server"])
{
    EchoServer.Run(0);
    return;
}

var smoke = args.Contains("--smoke");
var warmUp = TimeSpan.FromSeconds(smoke ? 0.2 : 2);
var duration = TimeSpan.FromSeconds(smoke ? 0.5 : 5);
var here = AppContext.BaseDirectory;
var api = Environment.GetEnvironmentVariable("BENCH_SERVER") ?? throw new InvalidOperationException("BENCH_SERVER names the server's dll.");
var data = Directory.CreateTempSubdirectory("chats-bench").FullName;
await using var raw = await ServerProcess.StartAsync(Path.Combine(here, "GenAI.Chats.Bench.dll"), "echo-server");
await using var chats = await ServerProcess.StartAsync(api, "--Api:GrpcPort=0", "--Api:HttpPort=0", $"--Storage:Path={data}/chats.db");
foreach (var callers in smoke ? [1, 8] : new[] { 1, 8, 64, 512 })
{
    var rawUnary = await ClosedLoop.RunAsync(raw, callers, warmUp, duration, Turns.RawUnary);
    Print("raw unary", callers, rawUnary, null);
    Print("unary", callers, await ClosedLoop.RunAsync(chats, callers, warmUp, duration, Turns.Unary), rawUnary);
    var rawStream = await ClosedLoop.RunAsync(raw, callers, warmUp, duration, Turns.RawStream);
    Print("raw stream", callers, rawStream, null);
    Print("stream", callers, await ClosedLoop.RunAsync(chats, callers, warmUp, duration, Turns.Stream), rawStream);
}

Directory.Delete(data, recursive: true);

static void Print(string name, int callers, Measurement m, Measurement? baseline) => Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{name,-11} {callers,4}: {m.PerSecond,8:0}/s  p50 {m.P50,7:0.00}  p99 {m.P99,7:0.00}  first {m.FirstP50,7:0.00}  cpu {m.CpuMsPerCall,6:0.000} ms") +
    (baseline is null ? "" : string.Create(CultureInfo.InvariantCulture, $"  ratio {m.PerSecond / baseline.PerSecond:0.00}  first ratio {m.FirstP50 / baseline.FirstP50:0.0}")));
