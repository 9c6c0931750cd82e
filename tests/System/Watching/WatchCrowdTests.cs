using System.Diagnostics;
using GenAI.Chats.SystemTests.Limits;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Xunit.Abstractions;

namespace GenAI.Chats.SystemTests.Watching;

/// <summary>A chat has as many watchers as connect, and none waits for another. It takes both cores, so nothing else runs beside it.</summary>
[Collection(nameof(NeighbourTests))]
public sealed class WatchCrowdTests(ITestOutputHelper output)
{
    private const int Connections = 20;
    private const long MaxGrowth = 400L * 1024 * 1024;

    // The events of a turn besides its chunks: its start and its end.
    private const int OtherEvents = 2;

    [Fact]
    public async Task WatchChat_ManyWatchersAndOneThatIsFrozen_AllGetEachChunk()
    {
        var watchers = Suite.Pick(300, inLongRuns: 1000);
        var chunks = Suite.Pick(200, 6000);
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);
        var before = WorkingSet(server);
        var crowd = await Crowd.JoinAsync(server, watchers, chunks);

        var (arrivals, frozen) = await crowd.ReadAsync("word ", delayMilliseconds: 10);

        var growth = WorkingSet(server) - before;
        var first = Enumerable.Range(0, chunks).Select(chunk => arrivals.Min(own => own[chunk + 1])).ToList();
        var behind = arrivals.SelectMany(own => first.Select((earliest, chunk) => own[chunk + 1] - earliest)).Order().ToList();
        output.WriteLine($"behind the first watcher: p50 {At(50):0.0} ms, p99 {At(99):0.0} ms; memory: {growth >> 20} MiB; the frozen one began {frozen} streams");
        Assert.True(growth < MaxGrowth, $"The server grew by {growth} bytes.");

        double At(int percent) => Stopwatch.GetElapsedTime(0, behind[(behind.Count - 1) * percent / 100]).TotalMilliseconds;
    }

    [Fact]
    public async Task WatchChat_ManyMegabytesAndOneThatIsFrozen_MemoryIsBoundedAndItGetsAll()
    {
        const int Chunks = 1000;
        using var directory = new TestDirectory();
        await using var server = await ServerProcess.StartAsync(directory.Database);
        var crowd = await Crowd.JoinAsync(server, watchers: 20, Chunks);
        var before = WorkingSet(server);

        // 16 MB, of which a feed holds one.
        var (_, frozen) = await crowd.ReadAsync(new string('w', 16 * 1024) + " ", delayMilliseconds: 1);

        output.WriteLine($"memory: {(WorkingSet(server) - before) >> 20} MiB; the frozen one began {frozen} streams");
        Assert.True(WorkingSet(server) - before < MaxGrowth);
    }

    private static long WorkingSet(ServerProcess server)
    {
        using var process = Process.GetProcessById(server.Id);
        return process.WorkingSet64;
    }

    /// <summary>Watchers of one chat, of which one reads nothing while the others read a turn.</summary>
    private sealed class Crowd
    {
        private readonly ServerProcess _server;
        private readonly string _name;
        private readonly int _chunks;
        private readonly List<GrpcChannel> _channels = [];
        private readonly List<AsyncServerStreamingCall<ChatEvent>> _watches = [];

        private Crowd(ServerProcess server, string name, int chunks) => (_server, _name, _chunks) = (server, name, chunks);

        public static async Task<Crowd> JoinAsync(ServerProcess server, int watchers, int chunks)
        {
            var chat = await server.Client.CreateChatAsync(new CreateChatRequest { Model = Echo.Model });
            var crowd = new Crowd(server, chat.Name, chunks);
            for (var i = 0; i < Connections + 1; i++)
            {
                crowd._channels.Add(GrpcChannel.ForAddress($"http://{server.Address}"));
            }

            // The last one has a connection of its own.
            for (var i = 0; i <= watchers; i++)
            {
                var channel = crowd._channels[i == watchers ? Connections : i % Connections];
                crowd._watches.Add(new V1.Chats.ChatsClient(channel).WatchChat(new WatchChatRequest { Name = chat.Name }));
            }

            var first = await Task.WhenAll(crowd._watches.Select(async watch =>
            {
                Assert.True(await watch.ResponseStream.MoveNext(TimeLimit.Token));
                return watch.ResponseStream.Current.Chat;
            }));
            Assert.All(first, Assert.NotNull);
            return crowd;
        }

        /// <summary>Sends a message, and returns when each watcher got each event, and how many streams the frozen one began.</summary>
        public async Task<(List<long[]> Arrivals, int Frozen)> ReadAsync(string word, int delayMilliseconds)
        {
            var (watches, frozen) = (_watches[..^1], _watches[^1]);
            var frozenToken = frozen.ResponseStream.Current.Token;
            var reads = watches.Select(ReadAsync).ToList();
            using var sent = _server.Client.SendMessageStream(new SendMessageRequest
            {
                Name = _name,
                Text = word,
                Config = new GenerateContentConfig { Labels = { ["echo-repeat"] = $"{_chunks}", ["echo-delay-ms"] = $"{delayMilliseconds}" } },
            });
            await sent.ResponseHeadersAsync;
            List<long[]> arrivals = [.. await Task.WhenAll(reads)];
            var streams = await ReadFrozenAsync(frozen, frozenToken);
            _channels.ForEach(channel => channel.Dispose());
            return (arrivals, streams);
        }

        // Timestamps by offset. The texts are let go: a thousand copies would be this process's memory.
        private async Task<long[]> ReadAsync(AsyncServerStreamingCall<ChatEvent> watch)
        {
            var arrivals = new long[_chunks + OtherEvents];
            var offset = 0L;
            while (await watch.ResponseStream.MoveNext(TimeLimit.Token))
            {
                if (watch.ResponseStream.Current.Turn is { } next)
                {
                    Assert.Equal(++offset, next.Event.Offset);
                    arrivals[offset - 1] = Stopwatch.GetTimestamp();
                    if (next.Event.Ended is not null)
                    {
                        break;
                    }
                }
            }

            Assert.Equal(arrivals.Length, offset);
            watch.Dispose();
            return arrivals;
        }

        // It may have been cut off, and goes on with its token.
        private async Task<int> ReadFrozenAsync(AsyncServerStreamingCall<ChatEvent> watch, string token)
        {
            var offset = 0L;
            for (var streams = 1; ; streams++)
            {
                try
                {
                    while (await watch.ResponseStream.MoveNext(TimeLimit.Token))
                    {
                        token = watch.ResponseStream.Current.Token;
                        if (watch.ResponseStream.Current.Turn is { } next)
                        {
                            Assert.Equal(++offset, next.Event.Offset);
                            if (next.Event.Ended is not null)
                            {
                                watch.Dispose();
                                return streams;
                            }
                        }
                    }

                    Assert.Fail("The stream ended.");
                }
                catch (RpcException cut) when (cut.StatusCode is StatusCode.Unavailable)
                {
                    watch.Dispose();
                    watch = _server.Client.WatchChat(new WatchChatRequest { Name = _name, Token = token });
                }
            }
        }
    }
}
