using System.Text.RegularExpressions;

namespace GenAI.Chats.Models.Routing;

/// <summary>What the members of a <see cref="ModelTarget"/> may be.</summary>
internal sealed partial class ModelTargetRules(IEnumerable<IChatModelProvider> providers)
{
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    private readonly string[] _providers = [.. providers.Select(provider => provider.Name).Order(StringComparer.Ordinal)];

    public IEnumerable<string> Check(ModelTarget target, string key)
    {
        if (!_providers.Contains(target.Provider, StringComparer.OrdinalIgnoreCase))
        {
            yield return $"{key}Provider is '{target.Provider}': it must be one of {string.Join(", ", _providers)}.";
        }

        if (target.Model is { } model && !ModelName.IsMatch(model))
        {
            yield return $"{key}Model is '{model}': it must be a model's name, without spaces, '?' and '*'.";
        }

        if (target.BaseUrl is { } url && !ApiAddress.IsValid(url))
        {
            yield return $"{key}BaseUrl is '{ApiAddress.WithoutSecrets(url)}': {ApiAddress.Rule}.";
        }

        if (target.Key is { Length: > 0 } && !ApiKey.IsValid(target.Key))
        {
            yield return $"{key}Key is set to a value that is not shown: {ApiKey.Rule}.";
        }

        if (target.ApiVersion is { } version && !VersionPattern.IsMatch(version))
        {
            yield return $"{key}ApiVersion is '{version}': it must be letters, digits, '.', '_' and '-'.";
        }

        foreach (var (member, value) in new[] { (nameof(target.Project), target.Project), (nameof(target.Location), target.Location) })
        {
            if (value is { Length: > 0 } && !EnvironmentVariables.IsName(value))
            {
                yield return $"{key}{member} is '{value}': {EnvironmentVariables.NameRule}.";
            }
        }

        if (target.KeyHeader is { Length: > 0 } header && !HeaderPattern.IsMatch(header))
        {
            yield return $"{key}KeyHeader is '{header}': it must be the name of a header: letters, digits and '-'.";
        }

        if (target.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > MaxTimeout))
        {
            yield return $"{key}Timeout is '{timeout}': it must be more than 0 and at most {MaxTimeout.TotalDays} day.";
        }
    }

    [GeneratedRegex(@"^[^\s?*]+\z")]
    private static partial Regex ModelName { get; }

    [GeneratedRegex(@"^[A-Za-z0-9._-]+\z")]
    private static partial Regex VersionPattern { get; }

    [GeneratedRegex(@"^[A-Za-z0-9-]+\z")]
    private static partial Regex HeaderPattern { get; }
}
