using System.Text.Json.Nodes;
using GenAI.Chats.Bench.Scenarios;

namespace GenAI.Chats.Bench.Peers;

/// <summary>A virtual object of Restate that keeps a history. The address is that of the ingress; its path names the object and the handler of a message.</summary>
internal sealed class Restate : IPeer
{
    public string Name => "restate";

    public string Example => "http://127.0.0.1:8080/Chat/send";

    public Task<Func<Task<long>>> StartChatAsync(HttpClient client, Uri address)
    {
        var handler = new Uri(address, $"/{address.Segments[^2]}{Guid.NewGuid():N}/{address.Segments[^1]}");
        return Task.FromResult<Func<Task<long>>>(() => PeerHttp.StreamAsync(client, handler, new JsonObject { ["text"] = Turns.Text }));
    }
}
