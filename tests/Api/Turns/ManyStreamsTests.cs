using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.V1;
using Grpc.Net.Client;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>Clients that make all their calls on one connection, like those of most languages.</summary>
public sealed class ManyStreamsTests
{
    private const int Streams = 250;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Connection_HasManyOpenStreams_OtherCallsGetResponses()
    {
        await using var server = new DisposableServer(await TestServer.StartAsync());
        var chat = await server.Value.NewChatAsync("echo");
        var request = chat.Message("one two");
        request.Config = new GenerateContentConfig { Labels = { ["echo-delay-ms"] = "30000" } };
        using var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false };
        using var channel = GrpcChannel.ForAddress(server.Value.Addresses.Grpc, new GrpcChannelOptions { HttpHandler = handler });
        var client = new V1.Chats.ChatsClient(channel);
        using var sent = client.SendMessageStream(request);
        var turnId = (await sent.ResponseHeadersAsync.WaitAsync(Limit)).GetValue("turn-id")!;

        var streams = Enumerable.Range(0, Streams).Select(_ => client.ReadTurn(new ReadTurnRequest { Name = chat.Name, TurnId = turnId })).ToList();
        await Task.WhenAll(streams.Select(stream => stream.ResponseHeadersAsync)).InTime();
        var turn = await client.CancelTurnAsync(new CancelTurnRequest { Name = chat.Name, TurnId = turnId }).ResponseAsync.WaitAsync(Limit);

        Assert.Equal(Turn.Types.State.Cancelled, turn.State);
        var ends = await Task.WhenAll(streams.Select(async stream => (await stream.ToListAsync())[^1].Ended.State)).WaitAsync(Limit);
        Assert.All(ends, state => Assert.Equal(Turn.Types.State.Cancelled, state));
        streams.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task Connection_HasTheMaximumOfStreams_NextCallWaitsForOneToEnd()
    {
        await using var server = new DisposableServer(await TestServer.StartAsync("--Api:MaxStreamsPerConnection=1"));
        var chat = await server.Value.NewChatAsync("echo");
        var request = chat.Message("one two");
        request.Config = new GenerateContentConfig { Labels = { ["echo-delay-ms"] = "30000" } };
        using var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = false };
        using var channel = GrpcChannel.ForAddress(server.Value.Addresses.Grpc, new GrpcChannelOptions { HttpHandler = handler });
        var client = new V1.Chats.ChatsClient(channel);
        using var sent = client.SendMessageStream(request);
        var turnId = (await sent.ResponseHeadersAsync.WaitAsync(Limit)).GetValue("turn-id")!;

        var cancel = client.CancelTurnAsync(new CancelTurnRequest { Name = chat.Name, TurnId = turnId }).ResponseAsync;
        var turn = await server.Value.Client.GetTurnAsync(new GetTurnRequest { Name = chat.Name, TurnId = turnId });
        Assert.Equal((false, Turn.Types.State.Running), (cancel.IsCompleted, turn.State));
        sent.Dispose();

        Assert.Equal(Turn.Types.State.Cancelled, (await cancel.WaitAsync(Limit)).State);
    }
}
