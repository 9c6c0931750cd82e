using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Text;
using GenAI.Chats.SystemTests.Limits;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Web;

/// <summary>Many event streams, each on a connection of its own. A tenth of the clients read nothing. It takes both cores, so nothing else runs beside it.</summary>
[Collection(nameof(NeighbourTests))]
public sealed class StreamCrowdTests(ITestOutputHelper output)
{
    private const int Streams = 2000;
    private const int Chunks = 60;
    private const int ChunkLength = 500;

    // Of the turn that slow clients request: more than the buffers of their connections hold.
    private const int LongChunks = 4000;
    private const int LongChunkLength = 3000;

    // Each connection has its buffers, which the runtime keeps for the next one.
    private const long MaxGrowth = 300L * 1024 * 1024;
    private const long MaxGrowthPerStream = 128 * 1024;

    [LongFact]
    public async Task ReadTurn_ManyStreamsAndSlowReaders_MemoryIsBoundedAndOthersGetAll()
    {
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database, "--Api:StallTimeout=00:10:00");
        var web = new Uri(server.Ready!, "/");
        var slowPath = await RecordAsync(server, LongChunks, LongChunkLength);
        var before = WorkingSet(server);
        var slow = await Task.WhenAll(Enumerable.Range(0, Streams / 10).Select(_ => OpenAsync(web, slowPath)));

        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = web, Timeout = Timeout.InfiniteTimeSpan };
        var chat = await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model });
        using var sent = server.Client.SendMessageStream(Send(chat.Name, Chunks, ChunkLength, delayMilliseconds: 250));
        var path = $"/v1/{chat.Name}/turns/{(await Echo.NextAsync(sent)).Started.TurnId}:read";
        var clock = Stopwatch.StartNew();
        var read = await Task.WhenAll(Enumerable.Range(0, Streams - slow.Length).Select(_ => ReadAsync(http, path, clock)));
        var (seconds, growth) = (clock.Elapsed.TotalSeconds, WorkingSet(server) - before);

        output.WriteLine($"{Streams} streams, {slow.Length} of them slow: {seconds:0.0} s, memory +{growth >> 20} MiB");
        Assert.All(read, events => Assert.Equal(Enumerable.Range(1, Chunks + 2).Select(static id => $"{id}"), events.Select(static next => next.Id)));
        output.WriteLine(Lags(read));
        Assert.InRange(growth, long.MinValue, MaxGrowth + (Streams * MaxGrowthPerStream));

        // The slow ones can still read everything.
        try
        {
            Assert.Equal(LongChunks + 2, await CountAsync(slow[0]));
        }
        catch (IOException reset)
        {
            Assert.Fail($"{reset.Message}\n{server}");
        }

        Array.ForEach(slow, static connection => connection.Dispose());
    }

    private static SendMessageRequest Send(string name, int chunks, int length, int delayMilliseconds) => new()
    {
        Name = name,
        Text = new string('w', length - 1) + ' ',
        Config = new GenerateContentConfig { Labels = { ["echo-repeat"] = $"{chunks}", ["echo-delay-ms"] = $"{delayMilliseconds}" } },
    };

    private static async Task<string> RecordAsync(ServerProcess server, int chunks, int length)
    {
        var chat = await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model });
        using var sent = server.Client.SendMessageStream(Send(chat.Name, chunks, length, delayMilliseconds: 0));
        return $"/v1/{chat.Name}/turns/{(await Echo.AllAsync(sent))[^1].Ended.TurnId}:read";
    }

    // How long after the first reader the others get the chunks. All of them read at first what was there before they came.
    private static string Lags(IReadOnlyList<List<(string? Id, TimeSpan Time)>> read)
    {
        var lags = Enumerable.Range(Chunks / 2, Chunks / 2).SelectMany(i => LagsOf([.. read.Select(events => events[i].Time)])).Order().ToList();
        return $"Chunks p50 {lags[lags.Count / 2].TotalMilliseconds:0} ms, p99 {lags[lags.Count * 99 / 100].TotalMilliseconds:0} ms, at most {lags[^1].TotalMilliseconds:0} ms after the first reader";
    }

    private static IEnumerable<TimeSpan> LagsOf(IReadOnlyList<TimeSpan> times)
    {
        var first = times.Min();
        return times.Select(time => time - first);
    }

    // The IDs of the events, and when they came. The texts are let go.
    private static async Task<List<(string? Id, TimeSpan Time)>> ReadAsync(HttpClient http, string path, Stopwatch clock)
    {
        using var response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        var events = new List<(string?, TimeSpan)>();
        await foreach (var next in SseParser.Create(await response.Content.ReadAsStreamAsync(), static (_, data) => data.Length).EnumerateAsync(TimeLimit.Token))
        {
            events.Add((next.EventId, clock.Elapsed));
        }

        return events;
    }

    // A connection that has got the beginning of a stream.
    private static async Task<TcpClient> OpenAsync(Uri server, string path)
    {
        var connection = new TcpClient { ReceiveBufferSize = 16 * 1024 };
        await connection.ConnectAsync(server.Host, server.Port);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.0\r\nHost: {server.Authority}\r\n\r\n"));
        await connection.GetStream().ReadExactlyAsync(new byte[100]);
        return connection;
    }

    private static async Task<int> CountAsync(TcpClient connection)
    {
        using var reader = new StreamReader(connection.GetStream());
        var count = 0;
        while (await reader.ReadLineAsync(TimeLimit.Token) is { } line)
        {
            count += line.StartsWith("id: ", StringComparison.Ordinal) ? 1 : 0;
        }

        return count;
    }

    private static long WorkingSet(ServerProcess server)
    {
        using var process = Process.GetProcessById(server.Id);
        return process.WorkingSet64;
    }
}
