using System.Diagnostics;
using GenAI.Chats.SystemTests.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using Grpc.Net.Client;

namespace GenAI.Chats.SystemTests.Crash;

/// <summary>A turn has as many readers as want to hear it, each at its own pace.</summary>
public sealed class ManyReadersTests
{
    private const int Connections = 20;
    private const int Chunks = 100;

    // More than what fits between a server and a client that does not read.
    private const int ChunkLength = 4096;

    private static readonly int Readers = Suite.Pick(300, inLongRuns: 1000);
    private const long MaxGrowth = 400L * 1024 * 1024;

    [Fact]
    public async Task ReadTurn_ManyReadersAndOneThatNeverReads_AllOthersGetTheWholeText()
    {
        await using var store = new SqliteTestStore();
        await using var server = await store.StartServerAsync();
        var name = await Scene.CreateChatAsync(server);
        var word = new string('w', ChunkLength - 1) + ' ';
        var send = new SendMessageRequest
        {
            Name = name,
            Text = word,
            Config = new GenerateContentConfig { Labels = { ["echo-repeat"] = $"{Chunks}", ["echo-delay-ms"] = "30" } },
        };
        var before = WorkingSet(server);
        using var stream = server.Client.SendMessageStream(send);
        var read = new ReadTurnRequest { Name = name, TurnId = (await Echo.NextAsync(stream)).Started.TurnId };
        using var stalledChannel = Connect(server);
        using var stalled = new V1.Chats.ChatsClient(stalledChannel).ReadTurn(read);
        await stalled.ResponseHeadersAsync;

        var channels = Enumerable.Range(0, Connections).Select(_ => Connect(server)).ToList();
        var readers = Enumerable.Range(0, Readers)
            .Select(i => ReadAsync(new V1.Chats.ChatsClient(channels[i % Connections]).ReadTurn(read)))
            .ToList();
        var own = await Echo.AllAsync(stream);
        var lengths = await Task.WhenAll(readers);

        Assert.Equal(Turn.Types.State.Completed, own[^1].Ended.State);
        Assert.All(lengths, length => Assert.Equal(Chunks * ChunkLength, length));
        Assert.True(WorkingSet(server) - before < MaxGrowth, $"The server grew from {before} to {WorkingSet(server)} bytes.");

        // It was let wait all the time, and its stream is whole.
        Assert.Equal(Chunks * ChunkLength, await ReadAsync(stalled));
        channels.ForEach(channel => channel.Dispose());
    }

    private static GrpcChannel Connect(ServerProcess server) => GrpcChannel.ForAddress($"http://{server.Address}");

    private static long WorkingSet(ServerProcess server)
    {
        using var process = Process.GetProcessById(server.Id);
        return process.WorkingSet64;
    }

    // Counted and let go: a thousand copies of the text would be this process's memory, not the server's.
    private static async Task<int> ReadAsync(Grpc.Core.AsyncServerStreamingCall<TurnEvent> stream)
    {
        using (stream)
        {
            var length = 0;
            while (await stream.ResponseStream.MoveNext(TimeLimit.Token))
            {
                length += stream.ResponseStream.Current.Chunk?.Candidates[0].Content.Parts[0].Text.Length ?? 0;
            }

            return length;
        }
    }
}
