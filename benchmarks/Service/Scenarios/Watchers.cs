using System.Diagnostics;
using GenAI.Chats.Bench.Load;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>One turn that many read at once: what a reader costs, and how far the last one is behind the first.</summary>
internal sealed class Watchers : IScenario
{
    private const int ReadersPerConnection = 50;
    private const int DelayMilliseconds = 10;

    public string Name => "watchers";

    public string About => "one turn of a chunk every 10 ms, read by many; behind: each reader's chunk after the first reader's, in ms";

    public async Task RunAsync(BenchRun bench)
    {
        await using var server = await bench.Servers.StartAsync(bench.Servers.NewFile());
        await WatchAsync(server, 10, 20);
        foreach (var readers in bench.Smoke ? [1, 10] : new[] { 1, 10, 100, 1_000 })
        {
            var repeat = bench.Count(20, 1);
            var processor = server.ProcessorTime;
            var arrivals = await WatchAsync(server, readers, repeat);
            var used = server.ProcessorTime - processor;
            var chunks = arrivals[0].Length;
            var behind = new List<long>();
            for (var i = 0; i < chunks; i++)
            {
                var first = arrivals.Min(a => a[i]);
                behind.AddRange(arrivals.Select(a => a[i] - first));
            }

            behind.Sort();
            bench.Report.Add(
                $"{readers} readers",
                ("chunks each", chunks),
                ("cpu us a chunk and reader", used.TotalMicroseconds / chunks / readers),
                ("behind p50", Milliseconds(behind, 0.5)),
                ("behind p99", Milliseconds(behind, 0.99)));
        }
    }

    // When each reader got each chunk.
    private static async Task<long[][]> WatchAsync(ServerProcess server, int readers, int repeat)
    {
        var channels = Enumerable.Range(0, 1 + (readers / ReadersPerConnection)).Select(_ => ClosedLoop.Connect(server)).ToList();
        var client = new V1.Chats.ChatsClient(channels[0]);
        var config = new GenerateContentConfig();
        config.Labels["echo-delay-ms"] = $"{DelayMilliseconds}";
        config.Labels["echo-repeat"] = $"{repeat}";
        var chat = await client.CreateChatAsync(new CreateChatRequest { Model = "echo", Config = config });
        using var sent = client.SendMessageStream(new SendMessageRequest { Name = chat.Name, Text = Turns.Text });
        var turn = (await sent.ResponseHeadersAsync).GetValue("turn-id")!;
        var arrivals = await Task.WhenAll(Enumerable.Range(0, readers).Select(i =>
            ReadAsync(new V1.Chats.ChatsClient(channels[i % channels.Count]), chat.Name, turn)));
        channels.ForEach(c => c.Dispose());

        // Readers that came late got the first chunks together.
        return [.. arrivals.Select(a => a[(a.Length / 4)..])];
    }

    private static async Task<long[]> ReadAsync(V1.Chats.ChatsClient client, string chat, string turn)
    {
        var arrivals = new List<long>();
        using var call = client.ReadTurn(new ReadTurnRequest { Name = chat, TurnId = turn });
        await foreach (var next in call.ResponseStream.ReadAllAsync())
        {
            if (next.EventCase == TurnEvent.EventOneofCase.Chunk)
            {
                arrivals.Add(Stopwatch.GetTimestamp());
            }
        }

        return [.. arrivals];
    }

    private static double Milliseconds(List<long> sorted, double share) => sorted[(int)((sorted.Count - 1) * share)] * 1000.0 / Stopwatch.Frequency;
}
