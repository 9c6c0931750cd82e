using System.Text.RegularExpressions;
using GenAI.Chats.Models.Settings;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Routing;

/// <summary>Validates the routes at startup. Messages don't contain keys.</summary>
internal sealed partial class ModelsOptionsValidator(IEnumerable<IChatModelProvider> providers) : IValidateOptions<ModelsOptions>
{
    private const int MaxAttempts = 100;
    private const int MaxCalls = 1_000_000;

    private static readonly TimeSpan MinBreak = TimeSpan.FromMilliseconds(500);
    private static readonly ModelTarget Unset = new();

    private readonly string[] _providers = [.. providers.Select(provider => provider.Name).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        var check = new SettingsCheck(ModelsOptions.SectionName);
        foreach (var (index, route) in options.Routes.Index())
        {
            CheckRoute(check, $"Routes:{index}:", route);
        }

        return check.Result;
    }

    private void CheckRoute(SettingsCheck check, string key, ModelRoute route)
    {
        check.RequireText($"{key}Name", route.Name, RouteName, "a model name, or a pattern with *, without spaces or '?'");
        CheckCalls(check, key, route);
        if (route.Targets.Count == 0)
        {
            CheckTarget(check, key, route);
            return;
        }

        foreach (var member in typeof(ModelTarget).GetProperties())
        {
            check.RequireUnset(
                Equals(member.GetValue(route), member.GetValue(Unset)), key + member.Name, "can't be combined with Targets; set it on each target");
        }

        foreach (var (index, target) in route.Targets.Index())
        {
            CheckTarget(check, $"{key}Targets:{index}:", target);
        }
    }

    private void CheckTarget(SettingsCheck check, string key, ModelTarget target)
    {
        var isKnown = _providers.Contains(target.Provider, StringComparer.OrdinalIgnoreCase);
        check.Require(isKnown, $"{key}Provider", target.Provider, $"one of {string.Join(", ", _providers)}");
        check.RequireText($"{key}Model", target.Model, ModelName, "a model name without spaces, '?', or '*'");
        check.RequireUrl($"{key}BaseUrl", target.BaseUrl?.OriginalString);
        check.RequireApiKey($"{key}Key", target.Key);
        check.RequireText($"{key}ApiVersion", target.ApiVersion, Version, "letters, digits, '.', '_', and '-'");
        check.RequireSegment($"{key}Project", target.Project);
        check.RequireSegment($"{key}Location", target.Location);
        check.RequireText($"{key}KeyHeader", target.KeyHeader, HeaderName, "a header name of letters, digits, and '-'");
        check.RequireTime($"{key}Timeout", target.Timeout);
    }

    private static void CheckCalls(SettingsCheck check, string key, ModelRoute route)
    {
        var (retry, limits, timeouts, breaker) = (route.Retry, route.Limits, route.Timeouts, route.CircuitBreaker);
        check.RequireBetween($"{key}Retry:MaxAttempts", retry.MaxAttempts, 1, MaxAttempts);
        check.RequireBetween($"{key}Retry:BaseDelay", retry.BaseDelay, TimeSpan.Zero, SettingRules.MaxTime);
        check.RequireBetween($"{key}Retry:MaxDelay", retry.MaxDelay, TimeSpan.Zero, SettingRules.MaxTime);
        check.Require(
            retry.MaxDelay >= retry.BaseDelay, $"{key}Retry:MaxDelay", retry.MaxDelay, $"at least Retry:BaseDelay ({retry.BaseDelay})");
        check.RequireBetween($"{key}Retry:MaxEmptyRetries", retry.MaxEmptyRetries, 0, MaxAttempts);
        check.RequireBetween($"{key}Limits:MaxConcurrentCalls", limits.MaxConcurrentCalls ?? 1, 1, MaxCalls);
        check.RequireBetween($"{key}Limits:MaxCallsPerMinute", limits.MaxCallsPerMinute ?? 1, 1, MaxCalls);
        check.RequireBetween($"{key}Limits:MaxWaitingCalls", limits.MaxWaitingCalls, 0, MaxCalls);
        check.RequireTime($"{key}Timeouts:FirstChunk", timeouts.FirstChunk);
        check.RequireTime($"{key}Timeouts:BetweenChunks", timeouts.BetweenChunks);
        check.RequireTime($"{key}Timeouts:Total", timeouts.Total);
        check.Require(
            breaker.FailureRatio is > 0 and <= 1, $"{key}CircuitBreaker:FailureRatio", breaker.FailureRatio, "greater than 0 and at most 1");
        check.RequireBetween($"{key}CircuitBreaker:MinimumThroughput", breaker.MinimumThroughput, 2, MaxCalls);
        check.RequireBetween($"{key}CircuitBreaker:SamplingDuration", breaker.SamplingDuration, MinBreak, SettingRules.MaxTime);
        check.RequireBetween($"{key}CircuitBreaker:BreakDuration", breaker.BreakDuration, MinBreak, SettingRules.MaxTime);
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
