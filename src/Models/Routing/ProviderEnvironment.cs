using GenAI.Chats.Models.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Routing;

/// <summary>
/// The environment variables of a provider's SDKs, for settings that a route doesn't specify. They are read from the configuration, and validated at
/// startup if a route uses the provider.
/// </summary>
/// <param name="configuration">The host's complete configuration.</param>
/// <param name="providers">The names of the providers that use the variables.</param>
internal abstract class ProviderEnvironment(IConfiguration configuration, params string[] providers) : IValidateOptions<ModelsOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        var check = new SettingsCheck(section: null);
        var targets = options.Routes.SelectMany(route => route.AllTargets());
        if (targets.Any(target => providers.Contains(target.Provider, StringComparer.OrdinalIgnoreCase)))
        {
            Check(check);
        }

        return check.Result;
    }

    /// <summary>Checks the variables.</summary>
    protected abstract void Check(SettingsCheck check);

    /// <summary>Returns a variable's value without surrounding white space, such as a file's final line feed. Null if it isn't set.</summary>
    protected string? Read(string variable) => Given(configuration[variable]?.Trim());

    /// <summary>Returns a URL. Null if it isn't set or invalid.</summary>
    protected Uri? ReadUrl(string variable) => Uri.TryCreate(Read(variable), UriKind.Absolute, out var url) ? url : null;

    /// <summary>Returns null for an empty value.</summary>
    protected static string? Given(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
