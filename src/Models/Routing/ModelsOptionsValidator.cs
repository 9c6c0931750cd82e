using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Routing;

/// <summary>Checks the routes at start. Keys are not repeated in messages.</summary>
internal sealed partial class ModelsOptionsValidator(IEnumerable<IChatModelProvider> providers) : IValidateOptions<ModelsOptions>
{
    private readonly ModelTargetRules _targets = new(providers);

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

        var targets = route.Targets.Count == 0
            ? _targets.Check(route, key)
            : NotBesideTargets(route, key)
                .Concat(route.Targets.SelectMany((target, index) => _targets.Check(target, $"{key}Targets:{index}:")));
        foreach (var failure in targets.Concat(CallRules.Check(route, key)))
        {
            yield return failure;
        }
    }

    private static IEnumerable<string> NotBesideTargets(ModelRoute route, string key)
    {
        (string Name, object? Value)[] members =
        [
            (nameof(route.Provider), route.Provider is "" ? null : route.Provider),
            (nameof(route.Model), route.Model),
            (nameof(route.BaseUrl), route.BaseUrl is { } url ? ApiAddress.WithoutSecrets(url) : null),
            (nameof(route.Key), route.Key is null ? null : "a value that is not shown"),
            (nameof(route.ApiVersion), route.ApiVersion),
            (nameof(route.Timeout), route.Timeout),
            (nameof(route.Project), route.Project),
            (nameof(route.Location), route.Location),
            (nameof(route.KeyHeader), route.KeyHeader),
        ];
        return members.Where(member => member.Value is not null)
            .Select(member => $"{key}{member.Name} is '{member.Value}': it must be set on each of the route's Targets instead.");
    }

    [GeneratedRegex(@"^[^\s?]+\z")]
    private static partial Regex NamePattern { get; }
}
