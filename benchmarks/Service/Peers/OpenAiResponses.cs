using System.Text.Json;
using System.Text.Json.Nodes;
using GenAI.Chats.Bench.Scenarios;

namespace GenAI.Chats.Bench.Peers;

/// <summary>A server of OpenAI's Responses API that stores responses. The last segment of the address is the model.</summary>
internal sealed class OpenAiResponses : IPeer
{
    private const string Data = "data: ";

    public string Name => "openai";

    public string Example => "http://127.0.0.1:8000/v1/MODEL";

    public Task<Func<Task<long>>> StartChatAsync(HttpClient client, Uri address)
    {
        string? previous = null;
        return Task.FromResult<Func<Task<long>>>(() => PeerHttp.StreamAsync(
            client,
            new Uri(address, "responses"),
            new JsonObject
            {
                ["model"] = address.Segments[^1],
                ["input"] = Turns.Text,
                ["previous_response_id"] = previous,
                ["store"] = true,
                ["stream"] = true,
            },
            line =>
            {
                if (line.StartsWith(Data, StringComparison.Ordinal) && line.Contains("\"response.completed\"", StringComparison.Ordinal))
                {
                    previous = JsonDocument.Parse(line[Data.Length..]).RootElement.GetProperty("response").GetProperty("id").GetString();
                }
            }));
    }
}
