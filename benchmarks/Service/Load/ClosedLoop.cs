using System.Diagnostics;
using Grpc.Net.Client;

namespace GenAI.Chats.Bench.Load;

/// <summary>Callers that each make one call after the other, for a while.</summary>
internal static class ClosedLoop
{
    private const int CallersPerConnection = 16;

    /// <summary>Measures.</summary>
    /// <param name="server">Whom they call.</param>
    /// <param name="callers">How many.</param>
    /// <param name="warmUp">How long they call before the measuring begins.</param>
    /// <param name="duration">How long they are measured.</param>
    /// <param name="caller">Makes a caller: what it returns is one call; it says when the first answer came.</param>
    public static async Task<Measurement> RunAsync(
        ServerProcess server, int callers, TimeSpan warmUp, TimeSpan duration, Func<GrpcChannel, int, Task<Func<Task<long>>>> caller)
    {
        var channels = Enumerable.Range(0, (callers + CallersPerConnection - 1) / CallersPerConnection).Select(_ => Connect(server)).ToList();
        var calls = await Task.WhenAll(Enumerable.Range(0, callers).Select(i => caller(channels[i % channels.Count], i)));
        await LoopAsync(calls, warmUp);

        var processor = server.ProcessorTime;
        var started = Stopwatch.GetTimestamp();
        var samples = await LoopAsync(calls, duration);
        var elapsed = Stopwatch.GetElapsedTime(started);
        var used = server.ProcessorTime - processor;
        channels.ForEach(c => c.Dispose());
        return Measurement.From(samples, elapsed, used);
    }

    public static GrpcChannel Connect(ServerProcess server) => GrpcChannel.ForAddress(
        server.Address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { UseProxy = false }, DisposeHttpClient = true });

    private static async Task<List<(long Whole, long First)>> LoopAsync(Func<Task<long>>[] calls, TimeSpan duration)
    {
        var started = Stopwatch.GetTimestamp();
        var samples = await Task.WhenAll(calls.Select(call => Task.Run(async () =>
        {
            var own = new List<(long, long)>();
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                var before = Stopwatch.GetTimestamp();
                var first = await call();
                own.Add((Stopwatch.GetTimestamp() - before, first - before));
            }

            return own;
        })));
        return [.. samples.SelectMany(s => s)];
    }
}
