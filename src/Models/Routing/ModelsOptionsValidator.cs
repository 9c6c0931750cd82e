using System.Text.RegularExpressions;
using GenAI.Chats.Models.Settings;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Routing;

/// <summary>Checks <see cref="ModelsOptions"/> at startup.</summary>
internal sealed partial class ModelsOptionsValidator(IEnumerable<IChatModelProvider> providers) : IValidateOptions<ModelsOptions>
{
    private readonly ModelTargetRules _targets = new(providers);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        var check = new SettingsCheck(ModelsOptions.Section);
        foreach (var (index, route) in options.Routes.Index())
        {
            Check(check, route, $"Routes:{index}:");
        }

        return check.Result;
    }

    private void Check(SettingsCheck check, ModelRoute route, string key)
    {
        check.Require(NamePattern.IsMatch(route.Name), $"{key}Name", route.Name, "a model name, or a pattern with *, without spaces and '?'");
        if (route.Targets.Count == 0)
        {
            _targets.Check(check, route, key);
        }
        else
        {
            RequireUnset(check, route, key);
            foreach (var (index, target) in route.Targets.Index())
            {
                _targets.Check(check, target, $"{key}Targets:{index}:");
            }
        }

        CallRules.Check(check, route, key);
    }

    private static void RequireUnset(SettingsCheck check, ModelRoute route, string key)
    {
        const string Rule = "unset, because it can't be combined with Targets; set it on each target";
        (string Name, object? Value)[] members =
        [
            (nameof(route.Provider), route.Provider is "" ? null : route.Provider),
            (nameof(route.Model), route.Model),
            (nameof(route.BaseUrl), route.BaseUrl is { } url ? ApiAddress.WithoutSecrets(url) : null),
            (nameof(route.ApiVersion), route.ApiVersion),
            (nameof(route.Timeout), route.Timeout),
            (nameof(route.Project), route.Project),
            (nameof(route.Location), route.Location),
            (nameof(route.KeyHeader), route.KeyHeader),
        ];
        foreach (var (name, value) in members)
        {
            check.Require(value is null, key + name, value, Rule);
        }

        check.RequireSecret(route.Key is null, key + nameof(route.Key), route.Key, Rule);
    }

    [GeneratedRegex(@"^[^\s?]+\z")]
    private static partial Regex NamePattern { get; }
}
