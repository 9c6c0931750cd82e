using System.Text.RegularExpressions;
using GenAI.Chats.Models.Settings;

namespace GenAI.Chats.Models.Routing;

/// <summary>Rules for the settings of models. A setting without a value is valid.</summary>
internal static partial class SettingRules
{
    /// <summary>The longest time that a setting can have.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromDays(1);

    /// <summary>Checks a text with a pattern.</summary>
    public static void RequireText(this SettingsCheck check, string key, string? value, Regex pattern, string rule) =>
        check.Require(value is null || pattern.IsMatch(value), key, value, rule);

    /// <summary>Checks a name that becomes a segment of a URL.</summary>
    public static void RequireSegment(this SettingsCheck check, string key, string? value) =>
        check.RequireText(key, value, Segment, "letters, digits, '.', ':', '_', and '-'");

    /// <summary>Checks an API key, which is sent in a header.</summary>
    public static void RequireApiKey(this SettingsCheck check, string key, string? value) => check.RequireSecret(
        value is null || value.All(character => character is > ' ' and < '\x7f'), key, value, "visible ASCII characters without spaces");

    /// <summary>Checks the URL of an API. The message hides the parts that can contain a password.</summary>
    public static void RequireUrl(this SettingsCheck check, string key, string? value)
    {
        var isAbsolute = Uri.TryCreate(value, UriKind.Absolute, out var url);
        check.Require(
            value is null || (isAbsolute && url is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" }),
            key,
            url?.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) ?? value,
            "an absolute http or https URL without user, query, or fragment");
    }

    /// <summary>Checks a time limit.</summary>
    public static void RequireTime(this SettingsCheck check, string key, TimeSpan? value) =>
        check.Require(value is null || (value > TimeSpan.Zero && value <= MaxTime), key, value, $"greater than 0 and at most {MaxTime}");

    // With a colon: projects of a domain, such as example.com:chats.
    [GeneratedRegex(@"^[A-Za-z0-9._:-]*\z")]
    private static partial Regex Segment { get; }
}
