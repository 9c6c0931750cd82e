using System.Text.Json.Nodes;
using GenAI.Chats.Bench.Scenarios;

namespace GenAI.Chats.Bench.Peers;

/// <summary>The API server of Google's Agent Development Kit: a session, and <c>/run_sse</c> for each message. The last segment of the address is the app.</summary>
internal sealed class Adk : IPeer
{
    private const string User = "bench";

    public string Name => "adk";

    public string Example => "http://127.0.0.1:8000/app";

    public async Task<Func<Task<long>>> StartChatAsync(HttpClient client, Uri address)
    {
        var app = address.Segments[^1];
        var session = await PeerHttp.PostAsync(client, new Uri(address, $"/apps/{app}/users/{User}/sessions"), []);
        return () => PeerHttp.StreamAsync(client, new Uri(address, "/run_sse"), new JsonObject
        {
            ["appName"] = app,
            ["userId"] = User,
            ["sessionId"] = (string)session["id"]!,
            ["newMessage"] = new JsonObject { ["role"] = "user", ["parts"] = new JsonArray(new JsonObject { ["text"] = Turns.Text }) },
            ["streaming"] = true,
        });
    }
}
