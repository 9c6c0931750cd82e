using GenAI.Chats.Bench.Load;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>What turns hold in the server's memory: an event that waits for readers, a finished turn, a stream that its client doesn't read.</summary>
internal sealed class Memory : IScenario
{
    private const int StreamsPerConnection = 50;

    // Longer than a client may accept no data of its stream, and than events wait for a reader.
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(35);

    public string Name => "memory";

    public string About => "managed memory of the server: an event of one word that nobody reads, a finished turn of 128 KiB, a stream of 1 MiB that its client does not read";

    public async Task RunAsync(BenchRun bench)
    {
        await EventsAsync(bench, bench.Count(20, 1), bench.Count(20_000, 100));
        await FinishedAsync(bench, bench.Count(200, 2));
        await UnreadAsync(bench, bench.Count(200, 2));
    }

    private static async Task EventsAsync(BenchRun bench, int turns, int words)
    {
        await using var server = await bench.Servers.StartAsync(bench.Servers.NewFile());
        using var channel = ClosedLoop.Connect(server);
        var client = new V1.Chats.ChatsClient(channel);
        await SendAsync(client, "warm", 100);
        var before = server.Probe.HeapBytes();
        var unread = new List<Sent>();
        for (var i = 0; i < turns; i++)
        {
            unread.Add(await StartAsync(client, "word ", words));
            await EndAsync(client, unread[^1].Chat);
        }

        bench.Report.Add("an event", ("bytes", (server.Probe.HeapBytes() - before) / ((double)turns * words)), ("events", turns * words));
        unread.ForEach(stream => stream.Dispose());
    }

    private static async Task FinishedAsync(BenchRun bench, int turns)
    {
        await using var server = await bench.Servers.StartAsync(bench.Servers.NewFile());
        using var channel = ClosedLoop.Connect(server);
        var client = new V1.Chats.ChatsClient(channel);
        await SendAsync(client, "warm", 100);
        var before = server.Probe.HeapBytes();
        await Task.WhenAll(Enumerable.Range(0, turns).Select(_ => SendAsync(client, "seven77 ", 16 * 1024)));
        bench.Report.Add("a finished turn of 128 KiB", ("KiB", (server.Probe.HeapBytes() - before) / 1024.0 / turns), ("turns", turns));
    }

    private static async Task UnreadAsync(BenchRun bench, int streams)
    {
        await using var server = await bench.Servers.StartAsync(bench.Servers.NewFile());
        // The first one is for calls that have to be answered.
        var connections = 1 + (((streams - 1) / StreamsPerConnection) + 1);
        var channels = Enumerable.Range(0, connections).Select(_ => ClosedLoop.Connect(server)).ToList();
        var clients = channels.ConvertAll(channel => new V1.Chats.ChatsClient(channel));
        await SendAsync(clients[0], "warm", 100);
        var before = server.Probe.HeapBytes();
        var unread = await Task.WhenAll(Enumerable.Range(0, streams).Select(i => StartAsync(clients[1 + (i / StreamsPerConnection)], new string('x', 1023) + " ", 1024)));
        await Task.WhenAll(unread.Select(stream => EndAsync(clients[0], stream.Chat)));
        bench.Report.Add("an unread stream of 1 MiB", ("KiB", (server.Probe.HeapBytes() - before) / 1024.0 / streams), ("streams", streams));
        await Task.Delay(bench.Smoke ? TimeSpan.Zero : Stall);
        bench.Report.Add("the same, 35 s later", ("KiB", (server.Probe.HeapBytes() - before) / 1024.0 / streams), ("streams", streams));
        Array.ForEach(unread, stream => stream.Dispose());
        channels.ForEach(channel => channel.Dispose());
    }

    private static async Task SendAsync(V1.Chats.ChatsClient client, string text, int repeat)
    {
        using var sent = await StartAsync(client, text, repeat);
        await foreach (var _ in sent.Call.ResponseStream.ReadAllAsync())
        {
            // Only that it is read counts.
        }
    }

    // A turn in a chat of its own.
    private static async Task<Sent> StartAsync(V1.Chats.ChatsClient client, string text, int repeat)
    {
        var config = new GenerateContentConfig { Labels = { ["echo-repeat"] = $"{repeat}" } };
        var chat = await client.CreateChatAsync(new CreateChatRequest { Model = "echo", Config = config });
        var call = client.SendMessageStream(new SendMessageRequest { Name = chat.Name, Text = text });
        await call.ResponseHeadersAsync;
        return new Sent(chat.Name, call);
    }

    // GetTurn would return the answer. The web server's buffers for it would be counted.
    private static async Task EndAsync(V1.Chats.ChatsClient client, string chat)
    {
        while ((await client.GetChatAsync(new GetChatRequest { Name = chat })).TurnCount == 0)
        {
            await Task.Delay(50);
        }
    }

    private sealed record Sent(string Chat, AsyncServerStreamingCall<TurnEvent> Call) : IDisposable
    {
        public void Dispose() => Call.Dispose();
    }
}
