using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.V1;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>A client that reads nothing of its stream: the server ends the stream, and the client goes on where it was.</summary>
public sealed class StallTests
{
    private const int Chunks = 4000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_ClientReadsNothing_EndsUnavailableAndCanBeResumed(bool readTurn)
    {
        await using var server = new DisposableServer(await TestServer.StartAsync("--Api:StallTimeout=00:00:10"));
        var chat = await server.Value.NewChatAsync("echo");
        var request = chat.Message(new string('x', 1000) + " ");
        request.OnDisconnect = DisconnectPolicy.Cancel;
        request.Config = new GenerateContentConfig { Labels = { ["echo-repeat"] = $"{Chunks}" } };
        using var ends = new StreamEnds(server.Value);
        using var sent = server.Value.Client.SendMessageStream(request);
        var turnId = (await sent.ResponseHeadersAsync).GetValue("turn-id")!;
        if (readTurn)
        {
            Assert.Equal(Chunks + 2, (await sent.ToListAsync()).Count);
        }

        using var stalled = readTurn ? chat.Read(turnId) : sent;
        await stalled.ResponseHeadersAsync;
        await ends.NextAsync(readTurn ? "ReadTurn" : "SendMessageStream").InTime();

        // What had arrived is still there, or is not.
        var events = new List<TurnEvent>();
        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (var next in stalled.ResponseStream.ReadAllAsync())
            {
                events.Add(next);
            }
        });
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        Assert.InRange(events.Count, 0, Chunks);
        using var rest = chat.Read(turnId, events.Count > 0 ? events[^1].Offset : 0);
        events.AddRange(await rest.ToListAsync());
        Assert.Equal(Enumerable.Range(1, Chunks + 2), events.Select(e => (int)e.Offset));
        Assert.Equal(Turn.Types.State.Completed, events[^1].Ended.State);
    }
}
