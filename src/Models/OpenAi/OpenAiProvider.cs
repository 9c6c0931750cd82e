using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>Provider <c>openai</c>: all servers with OpenAI's chat completions API. The environment provides settings that a route doesn't specify.</summary>
internal sealed class OpenAiProvider(OpenAiEnvironment environment, IHttpClientFactory clients, TimeProvider time) : IChatModelProvider
{
    /// <summary>The provider's name.</summary>
    public const string ProviderName = "openai";

    /// <inheritdoc/>
    public string Name => ProviderName;

    /// <inheritdoc/>
    public IChatModel Create(ModelTarget target) => new OpenAiModel(environment.Options(target), clients, time);
}
