using System.Diagnostics;
using GenAI.Chats.Bench.Load;
using GenAI.Chats.V1;

namespace GenAI.Chats.Bench.Scenarios;

/// <summary>Many chats that do nothing: what one keeps in memory, and how fast they are activated.</summary>
internal sealed class IdleChats : IScenario
{
    private const int TurnsOfEach = 10;
    private const int Callers = 64;

    // With the answer, 1 KiB a turn.
    private static readonly string Text = string.Join(' ', Enumerable.Repeat("seven77", 64));

    public string Name => "idle-chats";

    public string About => "chats of 10 turns of 1 KiB that are active and idle: managed memory of the server a chat";

    public async Task RunAsync(BenchRun bench)
    {
        var file = bench.Servers.NewFile();
        string[] chats;
        await using (var server = await bench.Servers.StartAsync(file))
        {
            using var channel = ClosedLoop.Connect(server);
            await FillAsync(channel, 200);
            var before = server.Probe.HeapBytes();
            chats = await FillAsync(channel, bench.Count(10_000, 100));
            Print(bench, "after their turns", server, before, chats.Length);
        }

        await using var restarted = await bench.Servers.StartAsync(file);
        using var again = ClosedLoop.Connect(restarted);
        await FillAsync(again, 200);
        var empty = restarted.Probe.HeapBytes();
        var started = Stopwatch.GetTimestamp();
        await EachAsync(chats, chat => new V1.Chats.ChatsClient(again).GetChatAsync(new GetChatRequest { Name = chat }).ResponseAsync);
        bench.Report.Add("activated after a restart", ("chats/s", chats.Length / Stopwatch.GetElapsedTime(started).TotalSeconds));
        Print(bench, "after their activation", restarted, empty, chats.Length);
    }

    private static void Print(BenchRun bench, string when, ServerProcess server, long before, int chats)
    {
        var each = (server.Probe.HeapBytes() - before) / 1024.0 / chats;
        bench.Report.Add(when, ("KiB a chat", each), ("chats", chats));
        bench.Report.AtMost($"idle active chat of 10 turns of 1 KiB, in KiB, {when}", each, 30);
    }

    private static async Task<string[]> FillAsync(Grpc.Net.Client.GrpcChannel channel, int count)
    {
        var client = new V1.Chats.ChatsClient(channel);
        var names = new string[count];
        await EachAsync(Enumerable.Range(0, count), async i =>
        {
            names[i] = (await client.CreateChatAsync(new CreateChatRequest { Model = "echo" })).Name;
            for (var turn = 0; turn < TurnsOfEach; turn++)
            {
                await client.SendMessageAsync(new SendMessageRequest { Name = names[i], Text = Text });
            }
        });
        return names;
    }

    private static Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> work) => Parallel.ForEachAsync(
        items, new ParallelOptions { MaxDegreeOfParallelism = Callers }, async (item, _) => await work(item));
}
