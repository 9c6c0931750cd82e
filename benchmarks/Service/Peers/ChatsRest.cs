using System.Text.Json.Nodes;
using GenAI.Chats.Bench.Scenarios;

namespace GenAI.Chats.Bench.Peers;

/// <summary>This service's own REST API, which shares the peers' transport.</summary>
internal sealed class ChatsRest : IPeer
{
    public string Name => "chats";

    public string Example => "http://127.0.0.1:8080";

    public async Task<Func<Task<long>>> StartChatAsync(HttpClient client, Uri address)
    {
        var chat = await PeerHttp.PostAsync(client, new Uri(address, "/v1/chats"), new JsonObject { ["model"] = "echo" });
        var send = new Uri(address, $"/v1/{(string)chat["name"]!}:sendMessageStream");
        return () => PeerHttp.StreamAsync(client, send, new JsonObject { ["text"] = Turns.Text });
    }
}
