using System.Text.RegularExpressions;
using GenAI.Chats.Models.Settings;

namespace GenAI.Chats.Models.Routing;

/// <summary>Checks the settings of a <see cref="ModelTarget"/>.</summary>
internal sealed partial class ModelTargetRules(IEnumerable<IChatModelProvider> providers)
{
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    private readonly string[] _providers = [.. providers.Select(provider => provider.Name).Order(StringComparer.Ordinal)];

    public void Check(SettingsCheck check, ModelTarget target, string key)
    {
        check.Require(
            _providers.Contains(target.Provider, StringComparer.OrdinalIgnoreCase), $"{key}Provider", target.Provider, $"one of {string.Join(", ", _providers)}");
        RequireMatch(nameof(target.Model), target.Model, ModelName, "a model name, without spaces, '?', and '*'");
        check.Require(
            target.BaseUrl is null || ApiAddress.IsValid(target.BaseUrl),
            $"{key}BaseUrl",
            target.BaseUrl is { } url ? ApiAddress.WithoutSecrets(url) : null,
            ApiAddress.Rule);
        check.RequireSecret(string.IsNullOrEmpty(target.Key) || ApiKey.IsValid(target.Key), $"{key}Key", target.Key, ApiKey.Rule);
        RequireMatch(nameof(target.ApiVersion), target.ApiVersion, VersionPattern, "letters, digits, '.', '_', and '-'");
        foreach (var (member, value) in new[] { (nameof(target.Project), target.Project), (nameof(target.Location), target.Location) })
        {
            check.Require(string.IsNullOrEmpty(value) || EnvironmentVariables.IsName(value), key + member, value, EnvironmentVariables.NameRule);
        }

        RequireMatch(nameof(target.KeyHeader), target.KeyHeader is "" ? null : target.KeyHeader, HeaderPattern, "a header name: letters, digits, and '-'");
        check.Require(
            target.Timeout is null || (target.Timeout > TimeSpan.Zero && target.Timeout <= MaxTimeout),
            $"{key}Timeout",
            target.Timeout,
            $"more than 0 and at most {MaxTimeout.TotalDays} day");

        void RequireMatch(string name, string? value, Regex pattern, string rule) => check.Require(value is null || pattern.IsMatch(value), key + name, value, rule);
    }

    [GeneratedRegex(@"^[^\s?*]+\z")]
    private static partial Regex ModelName { get; }

    [GeneratedRegex(@"^[A-Za-z0-9._-]+\z")]
    private static partial Regex VersionPattern { get; }

    [GeneratedRegex(@"^[A-Za-z0-9-]+\z")]
    private static partial Regex HeaderPattern { get; }
}
