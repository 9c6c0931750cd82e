using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Gemini;

/// <summary>
/// Provider <c>gemini</c>: the Gemini Developer API, or Vertex AI if the environment selects it as for Google's SDKs. The environment provides
/// settings that a route doesn't specify.
/// </summary>
internal sealed class GeminiProvider(
    GeminiEnvironment environment, GoogleCredentials credentials, IHttpClientFactory clients, TimeProvider time) : IChatModelProvider
{
    /// <summary>The provider's name.</summary>
    public const string ProviderName = "gemini";

    /// <inheritdoc/>
    public string Name => ProviderName;

    /// <inheritdoc/>
    public IChatModel Create(ModelTarget target)
    {
        GeminiApi api = environment.UseVertex
            ? new VertexApi(environment.VertexOptions(target), credentials)
            : new DeveloperApi(environment.DeveloperOptions(target));
        return new GeminiModel(api, clients, time);
    }
}
