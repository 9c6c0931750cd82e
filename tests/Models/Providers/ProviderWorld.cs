using System.Text.Json;
using System.Text.RegularExpressions;
using GenAI.Chats.Models.Calls;
using GenAI.Chats.Models.Tests.ChatClients;
using GenAI.Chats.TestKit.Scripted;
using GenAI.Chats.TestKit.ScriptedGemini;
using GenAI.Chats.TestKit.ScriptedOpenAi;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Models.Tests.Providers;

/// <summary>A route to one of the providers, and the other side of it: over HTTP, but for a client of the host's.</summary>
internal sealed class ProviderWorld : IAsyncDisposable
{
    public const string Model = "model-1";

    private static readonly JsonSerializerOptions DeepOptions = new() { MaxDepth = 1000 };

    private readonly ScriptedServer? _server;
    private readonly ModelsHost _host;

    private ProviderWorld(string provider, ScriptedServer? server, params (string Key, string? Value)[] settings)
    {
        Provider = provider;
        _server = server;
        _host = ModelsHost.Build(
            services => services.AddChatClientModel("client", _ => Client),
            [("Models:Routes:0:Name", "model-*"), ("Models:Routes:0:Provider", provider), ("Models:Routes:0:Retry:BaseDelay", "00:00:00"), .. settings]);
    }

    /// <summary>All of them.</summary>
    public static string[] All { get; } = ["gemini", "vertex", "openai", "client"];

    /// <summary>Each of them, streaming and not.</summary>
    public static TheoryData<string, bool> Ways
    {
        get
        {
            var ways = new TheoryData<string, bool>();
            foreach (var provider in All)
            {
                ways.Add(provider, true);
                ways.Add(provider, false);
            }

            return ways;
        }
    }

    public string Provider { get; }

    /// <summary>The client, where it is one.</summary>
    public ScriptedChatClient Client { get; } = new();

    /// <summary>The route, as a turn gets it.</summary>
    public RouteModel Route => Assert.IsType<RouteModel>(_host.RouteOf(Model));

    /// <summary>What the other side was sent, over HTTP.</summary>
    public IReadOnlyList<RecordedRequest> Requests => _server?.Requests ?? [];

    /// <summary>The other side, over HTTP.</summary>
    public ScriptedServer Server => _server!;

    /// <summary>Whether it speaks Google's API.</summary>
    public bool IsGoogles => Provider is "gemini" or "vertex";

    public static async Task<ProviderWorld> StartAsync(string provider, params (string Key, string? Value)[] settings)
    {
        switch (provider)
        {
            case "gemini":
            case "vertex":
                var google = await ScriptedGeminiServer.StartAsync();
                var variable = provider == "vertex" ? "GOOGLE_VERTEX_BASE_URL" : "GOOGLE_GEMINI_BASE_URL";
                return new ProviderWorld(provider, google, [("GOOGLE_API_KEY", "secret-key"), (variable, google.BaseUrl.ToString()), .. settings]);
            case "openai":
                var openAi = await ScriptedOpenAiServer.StartAsync();
                return new ProviderWorld(provider, openAi, [("OPENAI_API_KEY", "secret-key"), ("OPENAI_BASE_URL", openAi.ApiUrl.ToString()), .. settings]);
            default:
                return new ProviderWorld(provider, null, settings);
        }
    }

    /// <summary>The next answer is a text, in pieces where it is a stream.</summary>
    /// <param name="stream">Whether it is a stream.</param>
    /// <param name="pieces">The pieces as they stand between the quotes of JSON.</param>
    public void AnswerText(bool stream, params string[] pieces)
    {
        if (_server is null)
        {
            Client.Updates.Clear();
            Client.Updates.AddRange(pieces.Select(piece => new ChatResponseUpdate(ChatRole.Assistant, Regex.Unescape(piece))));
        }
        else if (!stream)
        {
            Enqueue(ScriptedReply.Json(Whole($$"""{"text":"{{string.Concat(pieces)}}"}""", $$"""{"content":"{{string.Concat(pieces)}}"}""")));
        }
        else
        {
            Enqueue(Stream(pieces.Select(piece => Chunk($$"""{"text":"{{piece}}"}""", $$"""{"content":"{{piece}}"}"""))));
        }
    }

    /// <summary>The next answer is a call of a function.</summary>
    /// <param name="stream">Whether it is a stream.</param>
    /// <param name="arguments">The call's arguments, as JSON.</param>
    public void AnswerCall(bool stream, string arguments)
    {
        if (_server is null)
        {
            var json = JsonSerializer.Deserialize<Dictionary<string, object?>>(arguments, DeepOptions);
            Client.Updates.Clear();
            Client.Updates.Add(new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("c1", "f", json)]));
            return;
        }

        var call = $$$"""{"functionCall":{"id":"c1","name":"f","args":{{{arguments}}}}}""";
        var message = $$$"""{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":{{{JsonSerializer.Serialize(arguments)}}}}}]}""";
        Enqueue(stream ? Stream([Chunk(call, message)]) : ScriptedReply.Json(Whole(call, message)));
    }

    /// <summary>The next answers.</summary>
    public void Enqueue(params ScriptedReply[] replies) => _server!.Enqueue(replies);

    /// <summary>A stream of chunks, with its end.</summary>
    public ScriptedReply Stream(IEnumerable<string> chunks)
    {
        var reply = ScriptedReply.Stream();
        foreach (var chunk in chunks)
        {
            reply.Event(chunk);
        }

        return IsGoogles
            ? reply.Event("""{"candidates":[{"finishReason":"STOP"}]}""")
            : reply.Event("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""").Event("[DONE]");
    }

    /// <summary>A chunk of either API.</summary>
    public string Chunk(string part, string delta) => IsGoogles
        ? $$$"""{"candidates":[{"content":{"role":"model","parts":[{{{part}}}]}}]}"""
        : $$$"""{"choices":[{"index":0,"delta":{{{delta}}},"finish_reason":null}]}""";

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Client.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private string Whole(string part, string message) => IsGoogles
        ? $$$"""{"candidates":[{"content":{"role":"model","parts":[{{{part}}}]},"finishReason":"STOP"}]}"""
        : $$$"""{"choices":[{"index":0,"message":{{{message}}},"finish_reason":"stop"}]}""";
}
