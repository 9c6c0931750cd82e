using System.Diagnostics;
using GenAI.Chats.Bench.Load;
using GenAI.Chats.Bench.Peers;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>The same streaming turn through other systems' servers, which you started, next to this service's REST API.</summary>
internal sealed class PeerTurns : IScenario
{
    private const int TurnsOfOneChat = 200;
    private const int Edge = 20;
    private const int ManyChats = 40;

    private static readonly IPeer[] Known = [new ChatsRest(), new LangGraph(), new Adk(), new Restate(), new OpenAiResponses()];

    public string Name => "peers";

    public string About => $"streaming turns of 20 words over HTTP, this service and the servers of --peers; times in ms; {TurnsOfOneChat} turns of one chat, then {ManyChats} chats at once";

    /// <summary>The systems that can be measured, each with an example of its address.</summary>
    public static string Systems => string.Join(", ", Known.Select(peer => $"{peer.Name}={peer.Example}"));

    /// <summary>Reads <c>NAME=ADDRESS</c>.</summary>
    /// <exception cref="ArgumentException">The name is unknown, or the address isn't one.</exception>
    public static (string Name, Uri Address) Parse(string text)
    {
        var parts = text.Split('=', 2);
        return Array.Exists(Known, peer => peer.Name == parts[0]) && parts.Length == 2 && Uri.TryCreate(parts[1], UriKind.Absolute, out var address)
            ? (parts[0], address)
            : throw new ArgumentException($"'{text}' is not a peer. Use NAME=ADDRESS: {Systems}");
    }

    public async Task RunAsync(BenchRun bench)
    {
        var (server, address) = await bench.Servers.StartWithRestAsync(bench.Servers.NewFile());
        await using var own = server;
        await MeasureAsync(bench, "this service", Known[0], address);
        foreach (var (name, peer) in bench.Peers)
        {
            try
            {
                await MeasureAsync(bench, $"{name} at {peer.Authority}", Known.First(known => known.Name == name), peer);
            }
            catch (HttpRequestException unanswered)
            {
                Console.WriteLine($"  {name} at {peer.Authority}: not measured: {unanswered.Message}");
            }
        }
    }

    private static async Task MeasureAsync(BenchRun bench, string name, IPeer peer, Uri address)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(2) };
        await RunAsync(await peer.StartChatAsync(client, address), bench.Count(Edge, 2));
        var one = await RunAsync(await peer.StartChatAsync(client, address), bench.Count(TurnsOfOneChat, 2 * Edge));
        bench.Report.Add(
            $"{name}, 1 chat",
            ("first 20 p50", Median(one[..Edge], s => s.Whole)),
            ("last 20 p50", Median(one[^Edge..], s => s.Whole)),
            ("first bytes p50", Median(one, s => s.First)));
        var chats = await Task.WhenAll(Enumerable.Range(0, ManyChats).Select(_ => peer.StartChatAsync(client, address)));
        var started = Stopwatch.GetTimestamp();
        var many = (await Task.WhenAll(chats.Select(chat => RunAsync(chat, bench.Count(Edge, 2))))).SelectMany(samples => samples).ToArray();
        bench.Report.Add(
            $"{name}, {ManyChats} chats",
            ("turns/s", many.Length / Stopwatch.GetElapsedTime(started).TotalSeconds),
            ("p50", Median(many, s => s.Whole)),
            ("p95", many.Select(s => s.Whole).Order().ElementAt(many.Length * 95 / 100)));
    }

    private static async Task<(double Whole, double First)[]> RunAsync(Func<Task<long>> turn, int count)
    {
        var samples = new (double, double)[count];
        for (var i = 0; i < count; i++)
        {
            var before = Stopwatch.GetTimestamp();
            var first = await turn();
            samples[i] = (Stopwatch.GetElapsedTime(before).TotalMilliseconds, Stopwatch.GetElapsedTime(before, first).TotalMilliseconds);
        }

        return samples;
    }

    private static double Median((double Whole, double First)[] samples, Func<(double Whole, double First), double> value) => Measurement.Median(samples.Select(value));
}
