using System.Text.RegularExpressions;

namespace GenAI.Chats.Models.Routing;

/// <summary>Rules for settings. Each returns the error message for an invalid value, and null for one that is valid or not set.</summary>
internal static partial class SettingRules
{
    private const string AddressRule = "an absolute http or https URL without user, query, or fragment";

    /// <summary>Returns the error message unless the value is valid.</summary>
    /// <param name="key">The setting's key.</param>
    /// <param name="value">The value. If null, it is hidden.</param>
    /// <param name="isValid">Whether the value is valid.</param>
    /// <param name="rule">The rule for valid values.</param>
    public static string? Check(string key, object? value, bool isValid, string rule)
    {
        var shown = value is null ? "(hidden)" : FormattableString.Invariant($"'{value}'");
        return isValid ? null : $"{key}: invalid value {shown}. Expected: {rule}.";
    }

    /// <summary>Checks a text with a pattern.</summary>
    public static string? Text(string key, string? value, Regex pattern, string rule) =>
        Check(key, value, value is null || pattern.IsMatch(value), rule);

    /// <summary>Checks an API key, which is sent in a header.</summary>
    public static string? ApiKey(string key, string? value) =>
        Check(key, null, value is null || value.All(character => character is > ' ' and < '\x7f'), "visible ASCII characters without spaces");

    /// <summary>Checks the URL of an API. The message hides the parts that can contain a password.</summary>
    public static string? Address(string key, Uri? url) => Check(
        key,
        url is { IsAbsoluteUri: true } ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : url,
        url is null || (url.IsAbsoluteUri && url is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" }),
        AddressRule);

    /// <summary>Checks the URL of an API.</summary>
    public static string? Address(string key, string? value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var url) ? Address(key, url) : Check(key, value, value is null, AddressRule);

    /// <summary>Checks a name that becomes a segment of a URL.</summary>
    public static string? Segment(string key, string? value) => Text(key, value, SegmentPattern, "letters, digits, '.', ':', '_', and '-'");

    // With a colon: projects of a domain, such as example.com:chats.
    [GeneratedRegex(@"^[A-Za-z0-9._:-]*\z")]
    private static partial Regex SegmentPattern { get; }
}
