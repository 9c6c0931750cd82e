using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>The environment variables of OpenAI's SDKs, which hold for routes that say nothing else. They are checked at start.</summary>
internal sealed class OpenAiEnvironment(IConfiguration configuration) : IValidateOptions<ModelsOptions>
{
    private const string KeyVariable = "OPENAI_API_KEY";
    private const string BaseUrlVariable = "OPENAI_BASE_URL";

    private readonly EnvironmentVariables _variables = new(configuration);

    /// <summary>The settings of a target. The environment's key is for the environment's address, and never goes to another.</summary>
    public OpenAiOptions Options(ModelTarget target) => new()
    {
        BaseUrl = target.BaseUrl ?? _variables.ReadUrl(BaseUrlVariable) ?? OpenAiOptions.DefaultBaseUrl,
        ApiVersion = string.IsNullOrEmpty(target.ApiVersion) ? null : target.ApiVersion,
        Key = target.Key is { Length: > 0 } ? target.Key : target.BaseUrl is null ? _variables.Read(KeyVariable) : null,
        KeyHeader = string.IsNullOrEmpty(target.KeyHeader) ? null : target.KeyHeader,
        Timeout = target.Timeout ?? OpenAiOptions.DefaultTimeout,
    };

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        var isUsed = options.Routes.SelectMany(route => route.AllTargets())
            .Any(target => target.Provider.Equals(OpenAiProvider.ProviderName, StringComparison.OrdinalIgnoreCase));
        var failures = isUsed ? _variables.CheckKeys(KeyVariable).Concat(_variables.CheckUrls(BaseUrlVariable)).ToList() : [];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
