using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Gemini;

/// <summary>Provider <c>vertex</c>: Vertex AI, regardless of the environment.</summary>
internal sealed class VertexProvider(
    GeminiEnvironment environment, GoogleCredentials credentials, IHttpClientFactory clients, TimeProvider time) : IChatModelProvider
{
    /// <summary>The provider's name.</summary>
    public const string ProviderName = "vertex";

    /// <inheritdoc/>
    public string Name => ProviderName;

    /// <inheritdoc/>
    public IChatModel Create(ModelTarget target) =>
        new GeminiModel(new VertexApi(environment.VertexOptions(target), credentials), clients, time);
}
