using System.Text.Json.Nodes;
using GenAI.Chats.Bench.Scenarios;

namespace GenAI.Chats.Bench.Peers;

/// <summary>LangGraph's server: a thread, and a streaming run for each message. The last segment of the address is the assistant.</summary>
internal sealed class LangGraph : IPeer
{
    public string Name => "langgraph";

    public string Example => "http://127.0.0.1:2024/agent";

    public async Task<Func<Task<long>>> StartChatAsync(HttpClient client, Uri address)
    {
        var thread = await PeerHttp.PostAsync(client, new Uri(address, "/threads"), []);
        var runs = new Uri(address, $"/threads/{(string)thread["thread_id"]!}/runs/stream");
        return () => PeerHttp.StreamAsync(client, runs, new JsonObject
        {
            ["assistant_id"] = address.Segments[^1],
            ["input"] = new JsonObject { ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Turns.Text }) },
            ["stream_mode"] = new JsonArray("messages"),
        });
    }
}
