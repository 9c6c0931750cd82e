using GenAI.Chats.Models.Routing;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>Provider <c>openai</c>: every API that speaks OpenAI's chat completions. What a route leaves open comes from the environment.</summary>
internal sealed class OpenAiProvider(OpenAiEnvironment environment, IHttpClientFactory clients, TimeProvider time) : IChatModelProvider
{
    /// <summary>The provider's name in routes.</summary>
    public const string ProviderName = "openai";

    /// <inheritdoc/>
    public string Name => ProviderName;

    /// <inheritdoc/>
    public IChatModel Create(ModelTarget target) => new OpenAiModel(environment.Options(target), clients, time);
}
