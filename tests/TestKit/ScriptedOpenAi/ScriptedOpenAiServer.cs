using GenAI.Chats.TestKit.Scripted;
using GenAI.Chats.TestKit.ScriptedGemini;

namespace GenAI.Chats.TestKit.ScriptedOpenAi;

/// <summary>An API that speaks OpenAI's chat completions.</summary>
public sealed class ScriptedOpenAiServer : ScriptedServer
{
    private ScriptedOpenAiServer()
    {
    }

    /// <summary>The base URL, as OPENAI_BASE_URL takes it.</summary>
    public Uri ApiUrl => new(BaseUrl, "/v1");

    /// <summary>Starts a server.</summary>
    public static async Task<ScriptedOpenAiServer> StartAsync()
    {
        var server = new ScriptedOpenAiServer();
        await server.ListenAsync();
        return server;
    }

    /// <inheritdoc/>
    protected override ScriptedReply Unscripted(RecordedRequest request) =>
        OpenAiReply.Error(500, "server_error", $"No reply is scripted for '{request.LastText}'.");
}
