using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Gemini;

/// <summary>Provider <c>vertex</c>: Vertex AI, whatever the environment says of provider <c>gemini</c>.</summary>
internal sealed class VertexProvider(
    GeminiEnvironment environment, GoogleCredentials credentials, IHttpClientFactory clients, TimeProvider time) : IChatModelProvider
{
    /// <summary>The provider's name in routes.</summary>
    public const string ProviderName = "vertex";

    /// <inheritdoc/>
    public string Name => ProviderName;

    /// <inheritdoc/>
    public IChatModel Create(ModelTarget target) =>
        new GeminiModel(new VertexApi(environment.VertexOptions(target), credentials), clients, time);
}
