using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Routing;

/// <summary>Validates the routes at startup. Messages don't contain keys.</summary>
internal sealed partial class ModelsOptionsValidator(IEnumerable<IChatModelProvider> providers) : IValidateOptions<ModelsOptions>
{
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    private readonly string[] _providers = [.. providers.Select(provider => provider.Name).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        var failures = options.Routes.SelectMany((route, index) => Check(route, $"{ModelsOptions.SectionName}:Routes:{index}:")).OfType<string>().ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private IEnumerable<string?> Check(ModelRoute route, string key) =>
    [
        SettingRules.Text($"{key}Name", route.Name, RouteName, "a model name, or a pattern with *, without spaces or '?'"),
        .. route.Targets.Count == 0 ? CheckTarget(route, key) : CheckNoTarget(route, key),
        .. route.Targets.SelectMany((target, index) => CheckTarget(target, $"{key}Targets:{index}:")),
        .. CallRules.Check(route, key),
    ];

    private IEnumerable<string?> CheckTarget(ModelTarget target, string key) =>
    [
        SettingRules.Check(
            $"{key}Provider",
            target.Provider,
            _providers.Contains(target.Provider, StringComparer.OrdinalIgnoreCase),
            $"one of {string.Join(", ", _providers)}"),
        SettingRules.Text($"{key}Model", target.Model, ModelName, "a model name without spaces, '?', or '*'"),
        SettingRules.Address($"{key}BaseUrl", target.BaseUrl),
        SettingRules.ApiKey($"{key}Key", target.Key),
        SettingRules.Text($"{key}ApiVersion", target.ApiVersion, Version, "letters, digits, '.', '_', and '-'"),
        SettingRules.Segment($"{key}Project", target.Project),
        SettingRules.Segment($"{key}Location", target.Location),
        SettingRules.Text($"{key}KeyHeader", target.KeyHeader, HeaderName, "a header name of letters, digits, and '-'"),
        SettingRules.Check(
            $"{key}Timeout",
            target.Timeout,
            target.Timeout is null || (target.Timeout > TimeSpan.Zero && target.Timeout <= MaxTimeout),
            $"greater than 0 and at most {MaxTimeout}"),
    ];

    // The settings of a route's only target.
    private static IEnumerable<string> CheckNoTarget(ModelRoute route, string key)
    {
        (string Name, bool IsSet)[] members =
        [
            (nameof(route.Provider), route.Provider.Length > 0),
            (nameof(route.Model), route.Model is not null),
            (nameof(route.BaseUrl), route.BaseUrl is not null),
            (nameof(route.Key), route.Key is not null),
            (nameof(route.ApiVersion), route.ApiVersion is not null),
            (nameof(route.Timeout), route.Timeout is not null),
            (nameof(route.Project), route.Project is not null),
            (nameof(route.Location), route.Location is not null),
            (nameof(route.KeyHeader), route.KeyHeader is not null),
        ];
        return members.Where(member => member.IsSet).Select(member => $"{key}{member.Name}: can't be combined with Targets; set it on each target.");
    }

    [GeneratedRegex(@"^[^\s?]+\z")]
    private static partial Regex RouteName { get; }

    [GeneratedRegex(@"^[^\s?*]+\z")]
    private static partial Regex ModelName { get; }

    [GeneratedRegex(@"^[A-Za-z0-9._-]+\z")]
    private static partial Regex Version { get; }

    [GeneratedRegex(@"^[A-Za-z0-9-]*\z")]
    private static partial Regex HeaderName { get; }
}
