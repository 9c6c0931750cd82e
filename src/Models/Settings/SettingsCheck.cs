using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Settings;

/// <summary>Checks the settings of a configuration section. Each invalid setting becomes one line: its key, its value, and the rule.</summary>
/// <param name="section">The section's name. If null, the keys aren't in a section.</param>
public sealed class SettingsCheck(string? section)
{
    private readonly List<string> _failures = [];

    /// <summary>The result of all checks so far.</summary>
    public ValidateOptionsResult Result => _failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_failures);

    /// <summary>Describes an invalid setting.</summary>
    public static string Describe(string key, object? value, string rule) => value is null or ""
        ? $"{key}: missing value. Expected: {rule}."
        : FormattableString.Invariant($"{key}: invalid value '{value}'. Expected: {rule}.");

    /// <summary>Describes an invalid setting without its value, because it's a secret.</summary>
    public static string DescribeSecret(string key, string? value, string rule) =>
        $"{key}: {(string.IsNullOrWhiteSpace(value) ? "missing value" : "invalid value (hidden)")}. Expected: {rule}.";

    /// <summary>Reports a setting unless it's valid.</summary>
    public void Require(bool isValid, string key, object? value, string rule) => Add(isValid, Describe(Complete(key), value, rule));

    /// <summary>Reports a secret setting unless it's valid.</summary>
    public void RequireSecret(bool isValid, string key, string? value, string rule) => Add(isValid, DescribeSecret(Complete(key), value, rule));

    /// <summary>Reports a setting that must not be set together with others.</summary>
    /// <param name="isValid">Whether it isn't set.</param>
    /// <param name="key">The setting's key.</param>
    /// <param name="problem">Which others, and what to do instead.</param>
    public void RequireUnset(bool isValid, string key, string problem) => Add(isValid, $"{Complete(key)}: {problem}.");

    /// <summary>Reports a setting unless it's within a range.</summary>
    public void RequireBetween<T>(string key, T value, T min, T max)
        where T : IComparable<T> =>
        Require(value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0, key, value, FormattableString.Invariant($"between {min} and {max}"));

    /// <summary>Reports a port number unless it's valid. 0 is any free port.</summary>
    public void RequirePort(string key, int value) => Require(value is >= 0 and <= 65_535, key, value, "a port between 0 and 65535");

    private string Complete(string key) => section is null ? key : $"{section}:{key}";

    private void Add(bool isValid, string failure)
    {
        if (!isValid)
        {
            _failures.Add(failure);
        }
    }
}
