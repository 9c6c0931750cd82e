using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Settings;
using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>The environment variables of OpenAI's SDKs.</summary>
internal sealed class OpenAiEnvironment(IConfiguration configuration) : ProviderEnvironment(configuration, Provider)
{
    /// <summary>The provider for all servers with OpenAI's chat completions API.</summary>
    public const string Provider = "openai";

    private const string KeyVariable = "OPENAI_API_KEY";
    private const string BaseUrlVariable = "OPENAI_BASE_URL";

    /// <summary>Completes the settings of a target. The key of the environment is sent only to the URL of the environment.</summary>
    public ModelTarget Complete(ModelTarget target) => target with
    {
        BaseUrl = target.BaseUrl ?? ReadUrl(BaseUrlVariable) ?? OpenAiServer.DefaultUrl,
        ApiVersion = Given(target.ApiVersion),
        Key = Given(target.Key) ?? (target.BaseUrl is null ? Read(KeyVariable) : null),
        KeyHeader = Given(target.KeyHeader),
    };

    /// <inheritdoc/>
    protected override void Check(SettingsCheck check)
    {
        check.RequireApiKey(KeyVariable, Read(KeyVariable));
        check.RequireUrl(BaseUrlVariable, Read(BaseUrlVariable));
    }
}
