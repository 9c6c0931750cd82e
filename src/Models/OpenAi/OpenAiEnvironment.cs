using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.OpenAi;

/// <summary>The environment variables of OpenAI's SDKs, for settings that a route doesn't specify. They are validated at startup.</summary>
internal sealed class OpenAiEnvironment(IConfiguration configuration) : IValidateOptions<ModelsOptions>
{
    private const string KeyVariable = "OPENAI_API_KEY";
    private const string BaseUrlVariable = "OPENAI_BASE_URL";

    private readonly EnvironmentVariables _variables = new(configuration);

    /// <summary>Returns the settings of a target. The key of the environment is sent only to the URL of the environment.</summary>
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
        IEnumerable<string?> checks =
            [.. _variables.Check(SettingRules.ApiKey, KeyVariable), .. _variables.Check(SettingRules.Address, BaseUrlVariable)];
        var failures = isUsed ? checks.OfType<string>().ToList() : [];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
