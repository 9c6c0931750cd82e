using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.V1;
using Grpc.Net.Client;

namespace GenAI.Chats.Api.Tests.Turns;

/// <summary>Clients that vanish without a word: their connections stay open, and nothing comes.</summary>
public sealed class VanishedClientTests
{
    [Fact]
    public async Task SendMessageStream_ClientVanishesWithPolicyCancel_TurnIsCancelled()
    {
        await using var owner = new DisposableServer(
            await TestServer.StartAsync("--Api:KeepAlivePingDelay=00:00:01", "--Api:KeepAlivePingTimeout=00:00:01"));
        var server = owner.Value;
        using var proxy = new SilentProxy(server.Addresses.Grpc);
        using var channel = GrpcChannel.ForAddress(proxy.Address);
        var chat = await server.NewChatAsync();
        var gate = new Gate();
        chat.Answer(ScriptedReply.Stream().Event(GeminiJson.Text("one ")).WaitFor(gate).Event(GeminiJson.Text("two", "STOP")));
        var request = chat.Message("hi");
        request.OnDisconnect = DisconnectPolicy.Cancel;
        using var call = new V1.Chats.ChatsClient(channel).SendMessageStream(request);
        var turnId = (await call.NextAsync()).Started.TurnId;
        await gate.Reached.InTime();

        proxy.GoSilent();

        await chat.Requests[0].ClosedByClient.InTime();
        Assert.Equal(Turn.Types.State.Cancelled, (await chat.EndAsync(turnId)).State);
    }
}
