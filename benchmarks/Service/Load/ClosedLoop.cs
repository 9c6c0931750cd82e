using System.Diagnostics;
using Grpc.Net.Client;

namespace GenAI.Chats.Bench.Load;

/// <summary>Callers that each make one call after the other.</summary>
internal sealed class ClosedLoop : IDisposable
{
    private const int CallersPerConnection = 16;

    // In a slice of warming up. A few methods are compiled again and again late, such as those of timers.
    private const int QuietMethods = 10;

    private readonly ServerProcess _server;
    private readonly List<GrpcChannel> _channels;
    private readonly Func<Task<long>>[] _calls;

    private ClosedLoop(ServerProcess server, List<GrpcChannel> channels, Func<Task<long>>[] calls)
    {
        _server = server;
        _channels = channels;
        _calls = calls;
    }

    /// <summary>Sets callers up.</summary>
    /// <param name="server">Whom they call.</param>
    /// <param name="callers">How many.</param>
    /// <param name="caller">Makes a caller: what it returns is one call; it says when the first answer came.</param>
    public static async Task<ClosedLoop> CreateAsync(ServerProcess server, int callers, Func<GrpcChannel, Task<Func<Task<long>>>> caller)
    {
        var channels = Enumerable.Range(0, (callers + CallersPerConnection - 1) / CallersPerConnection).Select(_ => Connect(server)).ToList();
        return new ClosedLoop(server, channels, await Task.WhenAll(Enumerable.Range(0, callers).Select(i => caller(channels[i % channels.Count]))));
    }

    public static GrpcChannel Connect(ServerProcess server) => GrpcChannel.ForAddress(
        server.Address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { UseProxy = false }, DisposeHttpClient = true });

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
        var before = _server.Use;
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
        return new Measurement([.. samples.SelectMany(s => s)], Stopwatch.GetElapsedTime(started), _server.Use.Since(before));
    }

    public void Dispose() => _channels.ForEach(c => c.Dispose());
}
