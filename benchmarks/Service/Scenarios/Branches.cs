using System.Diagnostics;
using System.Globalization;
using GenAI.Chats.Bench.Load;
using GenAI.Chats.V1;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>Rewinds and forks of a short and a long chat, and sends and the first chunk after a restart in a chat with many branches.</summary>
internal sealed class Branches : IScenario
{
    private const int Short = 10;

    public string Name => "branches";

    public string About => "rewinds and forks of chats of 10 and 10,000 turns; a chat of 1,000 branches";

    public async Task RunAsync(BenchRun bench)
    {
        var (turns, branches, samples) = (bench.Count(10_000, 30), bench.Count(990, 20), bench.Count(200, 3));
        var file = bench.Servers.NewFile();
        string branched, plain;
        var warm = new List<string>();
        await using (var server = await bench.Servers.StartAsync(file))
        {
            using var channel = ClosedLoop.Connect(server);
            var client = new V1.Chats.ChatsClient(channel);
            var (few, many) = (await CreateAsync(client, Short), await CreateAsync(client, turns));
            await MoveAsync(bench, client, file, few, many, samples);
            plain = await CreateAsync(client, samples);
            branched = await BranchAsync(bench, client, branches, samples);
            for (var i = 0; i < samples; i++)
            {
                warm.Add(await CreateAsync(client, 2));
            }
        }

        await ActivateAsync(bench, file, branched, plain, warm);
    }

    // Each server activates both chats once, in changing order, after it has compiled what it needs.
    private static async Task ActivateAsync(BenchRun bench, string file, string branched, string plain, IReadOnlyList<string> warm)
    {
        var (with, without) = (new List<double>(), new List<double>());
        for (var i = 0; i < bench.Count(5, 2); i++)
        {
            await using var server = await bench.Servers.StartAsync(file);
            using var channel = ClosedLoop.Connect(server);
            var client = new V1.Chats.ChatsClient(channel);
            foreach (var chat in warm)
            {
                await FirstChunkAsync(client, chat);
            }

            foreach (var isBranched in new[] { i % 2 == 0, i % 2 != 0 })
            {
                (isBranched ? with : without).Add(await FirstChunkAsync(client, isBranched ? branched : plain));
            }
        }

        var (many, none) = (Measurement.Median(with), Measurement.Median(without));
        bench.Report.Add("first chunk after a restart", ("ms with branches", many), ("ms without", none));
        bench.Report.AtMost("activation of a chat with 1,000 branches against one without", many / none, 2);
    }

    // In turn, so that a machine that slows down doesn't look like a chat that does.
    private static async Task MoveAsync(BenchRun bench, V1.Chats.ChatsClient client, string file, string few, string many, int samples)
    {
        foreach (var (name, call) in new (string, Func<string, int, Task>)[]
        {
            ("rewind", async (chat, i) => await client.RewindChatAsync(new RewindChatRequest { Name = chat, Revision = 5 + (i % 2) })),
            ("fork", async (chat, _) => await client.ForkChatAsync(new ForkChatRequest { Name = chat })),
        })
        {
            var (times, growth) = ((Few: new List<double>(), Many: new List<double>()), 0L);
            for (var i = 0; i < samples; i++)
            {
                times.Few.Add(await TimeAsync(() => call(few, i)));
                var size = SqliteFile.Size(file);
                times.Many.Add(await TimeAsync(() => call(many, i)));
                growth += SqliteFile.Size(file) - size;
            }

            var (short10, long10) = (Measurement.Median(times.Few), Measurement.Median(times.Many));
            var bytes = growth / (double)samples;
            bench.Report.Add(name, ("ms, 10 turns", short10), ("ms, 10,000 turns", long10), ("file growth in bytes", bytes));
            bench.Report.AtMost($"{name} of a chat of 10,000 turns against one of 10", long10 / short10, 2);
            bench.Report.AtMost($"growth of the database a {name}, in bytes", bytes, 4096);
        }
    }

    // Sends on the first and on the last branch, each of which continues the branch before.
    private static async Task<string> BranchAsync(BenchRun bench, V1.Chats.ChatsClient client, int branches, int samples)
    {
        var chat = await CreateAsync(client, samples);
        var first = await SendAsync(client, chat, samples);
        for (var i = 0; i < branches; i++)
        {
            await client.SendMessageAsync(new SendMessageRequest { Name = chat, Text = "again", AfterRevision = 1 + (i % Math.Min(Short, samples)) });
        }

        var last = await SendAsync(client, chat, samples);
        var again = await SendAsync(client, await CreateAsync(client, samples), samples);
        bench.Report.Add(
            string.Create(CultureInfo.InvariantCulture, $"turn on branch {branches:#,0}"), ("ms", last), ("ms on the first branch", first), ("ms on the first branch, later", again));
        bench.Report.AtMost("turn on the last branch against the first", last / ((first + again) / 2), 1.2);
        return chat;
    }

    private static async Task<string> CreateAsync(V1.Chats.ChatsClient client, int turns)
    {
        var chat = (await client.CreateChatAsync(new CreateChatRequest { Model = "echo" })).Name;
        await SendAsync(client, chat, turns);
        return chat;
    }

    // The median, in ms.
    private static async Task<double> SendAsync(V1.Chats.ChatsClient client, string chat, int turns)
    {
        var times = new List<double>();
        for (var i = 0; i < turns; i++)
        {
            times.Add(await TimeAsync(async () => await client.SendMessageAsync(new SendMessageRequest { Name = chat, Text = Turns.Text })));
        }

        return Measurement.Median(times);
    }

    private static async Task<double> FirstChunkAsync(V1.Chats.ChatsClient client, string chat)
    {
        var started = Stopwatch.GetTimestamp();
        var first = await Turns.StreamAsync(client, chat);
        return Stopwatch.GetElapsedTime(started, first).TotalMilliseconds;
    }

    private static async Task<double> TimeAsync(Func<Task> call)
    {
        var started = Stopwatch.GetTimestamp();
        await call();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
