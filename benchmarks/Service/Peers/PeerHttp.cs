using System.Diagnostics;
using System.Text.Json.Nodes;

namespace GenAI.Chats.Bench.Peers;

/// <summary>HTTP calls that the adapters share.</summary>
internal static class PeerHttp
{
    /// <summary>Posts JSON, and returns the JSON of the response.</summary>
    public static async Task<JsonNode> PostAsync(HttpClient client, Uri address, JsonObject body)
    {
        using var response = await client.PostAsJsonAsync(address, body);
        await ThrowUnlessOkAsync(response, address);
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    /// <summary>Posts JSON, and reads the response line by line to its end.</summary>
    /// <returns>When its first line came.</returns>
    public static async Task<long> StreamAsync(HttpClient client, Uri address, JsonObject body, Action<string>? onLine = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body) };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await ThrowUnlessOkAsync(response, address);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var first = 0L;
        while (await reader.ReadLineAsync() is { } line)
        {
            first = first == 0 ? Stopwatch.GetTimestamp() : first;
            onLine?.Invoke(line);
        }

        return first == 0 ? Stopwatch.GetTimestamp() : first;
    }

    private static async Task ThrowUnlessOkAsync(HttpResponseMessage response, Uri address)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"POST {address} failed with {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
    }
}
