using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using GenAI.Chats.Api.Tests.Hosting;

namespace GenAI.Chats.Api.Tests.Web;

/// <summary>A client of the web port, as curl is one.</summary>
internal sealed class WebApi(TestServer server) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>The client.</summary>
    public HttpClient Http { get; } = new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All }) { BaseAddress = server.Addresses.Http, Timeout = Limit };

    /// <summary>Sends a request.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path, which is sent as it is.</param>
    /// <param name="json">The body. Null: none.</param>
    /// <param name="headers">The headers.</param>
    public async Task<WebAnswer> SendAsync(string method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        using var response = await Http.SendAsync(Request(method, path, json, headers));
        return await WebAnswer.OfAsync(response);
    }

    public Task<WebAnswer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync("GET", path, null, headers);

    public Task<WebAnswer> PostAsync(string path, string json, params (string Name, string Value)[] headers) => SendAsync("POST", path, json, headers);

    /// <summary>Creates a chat, and returns its path.</summary>
    public async Task<string> NewChatAsync(string model = "echo", string more = "")
    {
        var chat = await PostAsync("/v1/chats", $$"""{"model": "{{model}}"{{more}}}""");
        return $"/v1/{chat.Expect(HttpStatusCode.OK)["name"]}";
    }

    /// <summary>Opens a stream.</summary>
    public async Task<WebStream> StreamAsync(string method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        var response = await Http.SendAsync(Request(method, path, json, headers), HttpCompletionOption.ResponseHeadersRead);
        return new WebStream(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>Reads a stream to its end.</summary>
    public async Task<List<SseItem<string>>> EventsAsync(string method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        using var stream = await StreamAsync(method, path, json, headers);
        Assert.Equal(HttpStatusCode.OK, stream.Response.StatusCode);
        return await stream.ToListAsync();
    }

    public void Dispose() => Http.Dispose();

    private HttpRequestMessage Request(string method, string path, string? json, (string Name, string Value)[] headers)
    {
        // The path stays as it is.
        var url = new Uri(Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(method), url);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers)
        {
            if (name.StartsWith("Content-", StringComparison.Ordinal))
            {
                request.Content!.Headers.Remove(name);
                Assert.True(request.Content!.Headers.TryAddWithoutValidation(name, value));
            }
            else
            {
                Assert.True(request.Headers.TryAddWithoutValidation(name, value));
            }
        }

        return request;
    }
}

/// <summary>An answer: its status, its JSON, and its headers.</summary>
internal sealed record WebAnswer(HttpStatusCode Status, JsonNode? Json, IReadOnlyDictionary<string, string> Headers)
{
    public static async Task<WebAnswer> OfAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new(response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), headers);
    }

    /// <summary>The reason in the error's ErrorInfo.</summary>
    public string? Reason => Detail("ErrorInfo")?["reason"]?.GetValue<string>();

    /// <summary>The field in the error's BadRequest.</summary>
    public string? Field => Detail("BadRequest")?["fieldViolations"]?[0]?["field"]?.GetValue<string>();

    public string Message => Json!["error"]!["message"]!.GetValue<string>();

    /// <summary>The JSON of an answer that must have this status.</summary>
    public JsonNode Expect(HttpStatusCode status)
    {
        Assert.True(Status == status, $"{Status}: {Json}");
        return Json!;
    }

    private JsonNode? Detail(string type) => Json?["error"]?["details"]?.AsArray().FirstOrDefault(d => d!["@type"]!.GetValue<string>() == $"type.googleapis.com/google.rpc.{type}");
}

/// <summary>A stream of events that a test reads.</summary>
internal sealed class WebStream(HttpResponseMessage response, Stream body) : IDisposable
{
    private readonly IAsyncEnumerator<SseItem<string>> _events = SseParser.Create(body).EnumerateAsync().GetAsyncEnumerator();

    public HttpResponseMessage Response => response;

    /// <summary>The next event; there must be one.</summary>
    public async Task<SseItem<string>> NextAsync()
    {
        Assert.True(await _events.MoveNextAsync().AsTask().InTime(), "The stream has ended.");
        return _events.Current;
    }

    /// <summary>The remaining events.</summary>
    public async Task<List<SseItem<string>>> ToListAsync()
    {
        var events = new List<SseItem<string>>();
        while (await _events.MoveNextAsync().AsTask().InTime())
        {
            events.Add(_events.Current);
        }

        return events;
    }

    public void Dispose() => response.Dispose();
}
