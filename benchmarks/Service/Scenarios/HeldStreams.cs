using System.Diagnostics;
using GenAI.Chats.Bench.Load;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>Streams that clients hold open while nothing happens: their memory, and what they do to other calls.</summary>
internal sealed class HeldStreams : IScenario
{
    private const int StreamsPerConnection = 500;
    private const int Openings = 64;

    public string Name => "held-streams";

    public string About => "10,000 open WatchChat streams, each of its own chat: memory of the server per stream, and GetChat meanwhile, in ms";

    public async Task RunAsync(BenchRun bench)
    {
        var count = bench.Count(10_000, 100);
        await using var server = await bench.Servers.StartAsync(bench.Servers.NewFile());
        var channels = Enumerable.Range(0, ((count - 1) / StreamsPerConnection) + 1).Select(_ => ClosedLoop.Connect(server)).ToList();
        var clients = channels.ConvertAll(channel => new V1.Chats.ChatsClient(channel));
        using var other = ClosedLoop.Connect(server);
        var caller = new V1.Chats.ChatsClient(other);
        var chats = new string[count];
        await EachAsync(count, async i => chats[i] = (await caller.CreateChatAsync(new CreateChatRequest { Model = "echo" })).Name);
        await EachAsync(count, async i => await caller.GetChatAsync(new GetChatRequest { Name = chats[i] }));
        await ReadAsync(bench, "GetChat, no stream", caller, chats);
        var (heap, resident) = (server.Probe.HeapBytes(), server.ResidentBytes);
        var streams = new AsyncServerStreamingCall<ChatEvent>[count];
        var started = Stopwatch.GetTimestamp();
        await EachAsync(count, async i =>
        {
            streams[i] = clients[i / StreamsPerConnection].WatchChat(new WatchChatRequest { Name = chats[i] });

            // The first event says that the stream follows the chat.
            await streams[i].ResponseStream.MoveNext();
        });
        bench.Report.Add("opening", ("streams/s", count / Stopwatch.GetElapsedTime(started).TotalSeconds));
        bench.Report.Add(
            "a held stream",
            ("KiB managed", (server.Probe.HeapBytes() - heap) / 1024.0 / count),
            ("KiB resident", (server.ResidentBytes - resident) / 1024.0 / count),
            ("streams", count));
        await ReadAsync(bench, $"GetChat, {count} streams", caller, chats);

        // Each stream still follows its chat.
        var arrived = Stopwatch.GetTimestamp();
        await EachAsync(count, async i =>
        {
            await caller.SendMessageAsync(new SendMessageRequest { Name = chats[i], Text = "word" });
            while (streams[i].ResponseStream.Current.Turn?.Event.EventCase != TurnEvent.EventOneofCase.Ended && await streams[i].ResponseStream.MoveNext())
            {
                // An earlier event of the turn.
            }
        });
        bench.Report.Add("a turn in each chat, watched", ("turns/s", count / Stopwatch.GetElapsedTime(arrived).TotalSeconds));
        Array.ForEach(streams, stream => stream.Dispose());
        channels.ForEach(channel => channel.Dispose());
    }

    private static async Task ReadAsync(BenchRun bench, string name, V1.Chats.ChatsClient caller, string[] chats)
    {
        var samples = new List<double>();
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; Stopwatch.GetElapsedTime(started) < bench.Seconds(3); i++)
        {
            var before = Stopwatch.GetTimestamp();
            await caller.GetChatAsync(new GetChatRequest { Name = chats[i % chats.Length] });
            samples.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        samples.Sort();
        bench.Report.Add(name, ("p50", samples[samples.Count / 2]), ("p99", samples[samples.Count * 99 / 100]));
    }

    private static Task EachAsync(int count, Func<int, Task> act) =>
        Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Openings }, async (i, _) => await act(i));
}
