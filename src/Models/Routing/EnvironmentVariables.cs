using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Models.Routing;

/// <summary>Environment variables that model makers' SDKs share, as the configuration has them.</summary>
internal sealed partial class EnvironmentVariables(IConfiguration configuration)
{
    /// <summary>A variable's value; null where it is not set. What it was set from is often a file that ends in a line feed.</summary>
    public string? Read(string variable) => configuration[variable]?.Trim() is { Length: > 0 } value ? value : null;

    /// <summary>An address; null where it is not set, or none.</summary>
    public Uri? ReadUrl(string variable) => Uri.TryCreate(Read(variable), UriKind.Absolute, out var url) ? url : null;

    /// <summary>What is wrong with keys.</summary>
    public IEnumerable<string> CheckKeys(params IEnumerable<string> variables) =>
        from variable in variables
        where Read(variable) is { } key && !ApiKey.IsValid(key)
        select $"{variable} is set to a value that is not shown: {ApiKey.Rule}.";

    /// <summary>What is wrong with addresses.</summary>
    public IEnumerable<string> CheckUrls(params IEnumerable<string> variables) =>
        from variable in variables
        let value = Read(variable)
        where value is not null && (ReadUrl(variable) is not { } url || !ApiAddress.IsValid(url))
        select $"{variable} is '{(ReadUrl(variable) is { } shown ? ApiAddress.WithoutSecrets(shown) : value)}': {ApiAddress.Rule}.";

    /// <summary>What is wrong with names that become a part of an address.</summary>
    public IEnumerable<string> CheckNames(params IEnumerable<string> variables) =>
        from variable in variables
        let value = Read(variable)
        where value is not null && !IsName(value)
        select $"{variable} is '{value}': {NameRule}.";

    /// <summary>What a name that becomes a part of an address may look like.</summary>
    public const string NameRule = "it must be letters, digits, '.', ':', '_' and '-'";

    /// <summary>Whether a name may become a part of an address.</summary>
    public static bool IsName(string value) => NamePattern.IsMatch(value);

    // A colon: projects of a domain, such as example.com:chats.
    [GeneratedRegex(@"^[A-Za-z0-9._:-]+\z")]
    private static partial Regex NamePattern { get; }
}
