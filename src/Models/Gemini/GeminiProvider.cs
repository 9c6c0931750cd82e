using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.Gemini;

/// <summary>Provider <c>gemini</c>: the Gemini Developer API. What a route leaves open comes from the environment.</summary>
internal sealed class GeminiProvider(GeminiEnvironment environment, IHttpClientFactory clients, TimeProvider time) : IChatModelProvider
{
    /// <summary>The provider's name in routes.</summary>
    public const string ProviderName = "gemini";

    /// <inheritdoc/>
    public string Name => ProviderName;

    /// <inheritdoc/>
    public IChatModel Create(ModelTarget target)
    {
        var options = new GeminiOptions
        {
            BaseUrl = target.BaseUrl ?? environment.BaseUrl ?? GeminiOptions.DefaultBaseUrl,
            ApiVersion = target.ApiVersion ?? GeminiOptions.DefaultApiVersion,
            Key = target.Key is { Length: > 0 } ? target.Key : environment.Key,
            Timeout = target.Timeout ?? GeminiOptions.DefaultTimeout,
        };
        return new GeminiModel(options, clients, time);
    }
}
