using GenAI.Chats.TestKit.Scripted;

namespace GenAI.Chats.TestKit.ScriptedGemini;

/// <summary>
/// Both of Google's APIs for Gemini models, and the server that gives tokens for service accounts, at <see cref="TokenUrl"/>.
/// </summary>
public sealed class ScriptedGeminiServer : ScriptedServer
{
    private const string TokenPath = "/token";

    private ScriptedGeminiServer()
    {
    }

    /// <summary>Where credentials are exchanged for tokens.</summary>
    public Uri TokenUrl => new(BaseUrl, TokenPath);

    /// <summary>Starts a server.</summary>
    public static async Task<ScriptedGeminiServer> StartAsync()
    {
        var server = new ScriptedGeminiServer();
        await server.ListenAsync();
        return server;
    }

    /// <summary>Answers the next requests for a token with these replies, one each.</summary>
    public void EnqueueTokens(params ScriptedReply[] replies) => EnqueueFor(IsForToken, replies);

    /// <summary>Whether a request is for a token, rather than for a model.</summary>
    public static bool IsForToken(RecordedRequest request) => request.Path == TokenPath;

    /// <inheritdoc/>
    protected override ScriptedReply Unscripted(RecordedRequest request) =>
        ScriptedReply.Error(500, "INTERNAL", $"No reply is scripted for '{request.LastText}'.");
}
