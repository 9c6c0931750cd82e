using System.Diagnostics;
using Grpc.Net.Client;

namespace GenAI.Chats.Bench.Load;

/// <summary>Callers that each make one call after the other.</summary>
internal sealed class ClosedLoop : IDisposable
{
    private const int CallersPerConnection = 16;

    // In a slice of warming up. A few methods are compiled again and again late, such as those of timers.
    private const int QuietMethods = 10;

    private readonly IMeasured _service;
    private readonly List<GrpcChannel> _channels;
    private readonly Func<Task<long>>[] _calls;

    private ClosedLoop(IMeasured service, List<GrpcChannel> channels, Func<Task<long>>[] calls)
    {
        _service = service;
        _channels = channels;
        _calls = calls;
    }

    /// <summary>Sets callers up.</summary>
    /// <param name="service">The service that they call. They share its addresses evenly.</param>
    /// <param name="callers">How many.</param>
    /// <param name="caller">Makes a caller: what it returns is one call; it says when the first answer came.</param>
    public static async Task<ClosedLoop> CreateAsync(IMeasured service, int callers, Func<GrpcChannel, Task<Func<Task<long>>>> caller)
    {
        var connections = Math.Max(Math.Min(callers, service.Addresses.Count), (callers + CallersPerConnection - 1) / CallersPerConnection);
        var channels = Enumerable.Range(0, connections).Select(i => Connect(service.Addresses[i % service.Addresses.Count])).ToList();
        return new ClosedLoop(service, channels, await Task.WhenAll(Enumerable.Range(0, callers).Select(i => caller(channels[i % channels.Count]))));
    }

    public static GrpcChannel Connect(ServerProcess server) => Connect(server.Address);

    /// <summary>All callers call until the server's JIT has little left to compile. Code that runs often is compiled again, in several steps.</summary>
    /// <param name="slice">How long they call before they look.</param>
    /// <param name="most">How long they call at most.</param>
    public async Task WarmUpAsync(TimeSpan slice, TimeSpan most)
    {
        var started = Stopwatch.GetTimestamp();
        while ((await RunAsync(slice)).Use.CompiledMethods > QuietMethods && Stopwatch.GetElapsedTime(started) < most)
        {
            // The JIT isn't quiet yet.
        }
    }

    /// <summary>All callers call for a while.</summary>
    public async Task<Measurement> RunAsync(TimeSpan duration)
    {
        var before = _service.Use;
        var started = Stopwatch.GetTimestamp();
        var samples = await Task.WhenAll(_calls.Select(call => Task.Run(async () =>
        {
            var own = new List<(long, long)>();
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                var begin = Stopwatch.GetTimestamp();
                var first = await call();
                own.Add((Stopwatch.GetTimestamp() - begin, first - begin));
            }

            return own;
        })));
        return new Measurement([.. samples.SelectMany(s => s)], Stopwatch.GetElapsedTime(started), _service.Use.Since(before));
    }

    public void Dispose() => _channels.ForEach(c => c.Dispose());

    private static GrpcChannel Connect(string address) => GrpcChannel.ForAddress(
        address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { UseProxy = false }, DisposeHttpClient = true });
}
