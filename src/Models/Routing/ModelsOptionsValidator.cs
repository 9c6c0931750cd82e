using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Routing;

/// <summary>Checks the routes at start. Keys are not repeated in messages.</summary>
internal sealed partial class ModelsOptionsValidator(IEnumerable<IChatModelProvider> providers) : IValidateOptions<ModelsOptions>
{
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    private readonly string[] _providers = [.. providers.Select(provider => provider.Name).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        var failures = options.Routes.SelectMany((route, index) => Check(route, $"{ModelsOptions.Section}:Routes:{index}:")).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private IEnumerable<string> Check(ModelRoute route, string key)
    {
        if (!NamePattern.IsMatch(route.Name))
        {
            yield return $"{key}Name is '{route.Name}': it must be a model's name or a pattern with *, without spaces and '?'.";
        }

        if (!_providers.Contains(route.Provider, StringComparer.OrdinalIgnoreCase))
        {
            yield return $"{key}Provider is '{route.Provider}': it must be one of {string.Join(", ", _providers)}.";
        }

        if (route.BaseUrl is { } url && !ApiAddress.IsValid(url))
        {
            yield return $"{key}BaseUrl is '{ApiAddress.WithoutSecrets(url)}': {ApiAddress.Rule}.";
        }

        if (route.Key is { Length: > 0 } && !ApiKey.IsValid(route.Key))
        {
            yield return $"{key}Key is set to a value that is not shown: {ApiKey.Rule}.";
        }

        if (route.ApiVersion is { } version && !VersionPattern.IsMatch(version))
        {
            yield return $"{key}ApiVersion is '{version}': it must be letters, digits, '.', '_' and '-'.";
        }

        if (route.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > MaxTimeout))
        {
            yield return $"{key}Timeout is '{timeout}': it must be more than 0 and at most {MaxTimeout.TotalDays} day.";
        }
    }

    [GeneratedRegex(@"^[^\s?]+\z")]
    private static partial Regex NamePattern { get; }

    [GeneratedRegex(@"^[A-Za-z0-9._-]+\z")]
    private static partial Regex VersionPattern { get; }
}
