using System.Diagnostics;
using System.Globalization;
using GenAI.Chats.Bench.Load;
using GenAI.Chats.V1;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>One chat that becomes long: what a turn takes, what it writes, and how soon the chat is there again after a restart.</summary>
internal sealed class LongChat : IScenario
{
    private const int Window = 100;
    private const int ShortChats = 20;
    private static readonly int TextBytes = Turns.Text.Length * 2;

    public string Name => "long-chat";

    public string About => "turns of 20 words of a chat that has 10 to 10,000; the first chunk after a restart";

    public async Task RunAsync(BenchRun bench)
    {
        int[] lengths = bench.Smoke ? [10, 100] : [10, 100, 1_000, 10_000];
        var file = bench.Servers.NewFile();
        var chats = new Dictionary<int, string>();
        await using (var server = await bench.Servers.StartAsync(file))
        {
            using var channel = ClosedLoop.Connect(server);
            var client = new V1.Chats.ChatsClient(channel);
            await AtTenAsync(client, bench.Count(100, 1));
            foreach (var length in lengths)
            {
                chats[length] = await GrowAsync(bench, server, client, file, length);
            }
        }

        await using var restarted = await bench.Servers.StartAsync(file);
        using var again = ClosedLoop.Connect(restarted);
        await ActivateAsync(bench, new V1.Chats.ChatsClient(again), chats);
    }

    private static async Task<string> GrowAsync(BenchRun bench, ServerProcess server, V1.Chats.ChatsClient client, string file, int length)
    {
        var chat = await CreateAsync(client);
        var turns = length <= 10 ? 10 : Window;
        for (var i = 0; i < length - turns; i++)
        {
            await SendAsync(client, chat);
        }

        // Turn 10 is measured before and after, so that a machine that slows down does not look like a chat that does.
        var before = await AtTenAsync(client, ShortChats);
        var (size, written) = (SqliteFile.Size(file), server.WrittenBytes);
        var times = new List<double>();
        for (var i = 0; i < turns; i++)
        {
            times.Add(await SendAsync(client, chat));
        }

        var growth = (SqliteFile.Size(file) - size) / (double)turns;
        var writes = (server.WrittenBytes - written) / (double)turns;
        var after = await AtTenAsync(client, ShortChats);
        var time = Measurement.Median(times);
        var ratio = time / ((before + after) / 2);
        bench.Report.Add(
            string.Create(CultureInfo.InvariantCulture, $"turn {length:#,0}"),
            ("ms", time), ("against turn 10", ratio), ("file growth in bytes", growth), ("bytes of text", TextBytes), ("bytes written", writes));
        if (length == 10_000)
        {
            bench.Report.AtMost("time of turn 10,000 against turn 10", ratio, 1.2);
        }

        // A file grows by pages: too few turns say nothing.
        if (turns == Window)
        {
            bench.Report.AtMost(
                string.Create(CultureInfo.InvariantCulture, $"growth of the database a turn, in bytes, at turn {length:#,0}"), growth, (2 * TextBytes) + 1024);
        }

        return chat;
    }

    private static async Task ActivateAsync(BenchRun bench, V1.Chats.ChatsClient client, Dictionary<int, string> chats)
    {
        // The server has compiled what it needs.
        await AtTenAsync(client, bench.Count(50, 1));
        foreach (var (length, chat) in chats)
        {
            var first = await FirstChunkAsync(client, chat);
            var second = await FirstChunkAsync(client, chat);
            bench.Report.Add(
                string.Create(CultureInfo.InvariantCulture, $"first chunk after a restart, {length:#,0} turns"), ("ms", first), ("next turn's", second));
            if (length == 10_000)
            {
                bench.Report.AtMost("first chunk of a chat of 10,000 turns after a restart, in ms", first, 100);
            }
        }
    }

    // The median of turn 10 of new chats, in ms.
    private static async Task<double> AtTenAsync(V1.Chats.ChatsClient client, int chats)
    {
        var times = new List<double>();
        for (var i = 0; i < chats; i++)
        {
            var chat = await CreateAsync(client);
            for (var turn = 1; turn <= 12; turn++)
            {
                var time = await SendAsync(client, chat);
                if (turn >= 8)
                {
                    times.Add(time);
                }
            }
        }

        return Measurement.Median(times);
    }

    private static async Task<string> CreateAsync(V1.Chats.ChatsClient client) =>
        (await client.CreateChatAsync(new CreateChatRequest { Model = "echo" })).Name;

    private static async Task<double> SendAsync(V1.Chats.ChatsClient client, string chat)
    {
        var started = Stopwatch.GetTimestamp();
        await client.SendMessageAsync(new SendMessageRequest { Name = chat, Text = Turns.Text });
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static async Task<double> FirstChunkAsync(V1.Chats.ChatsClient client, string chat)
    {
        var started = Stopwatch.GetTimestamp();
        var first = await Turns.StreamAsync(client, chat);
        return Stopwatch.GetElapsedTime(started, first).TotalMilliseconds;
    }
}
