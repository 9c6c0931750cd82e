using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Models.Routing;

/// <summary>The environment variables of the providers' SDKs, read from the configuration.</summary>
internal sealed class EnvironmentVariables(IConfiguration configuration)
{
    /// <summary>Returns a variable's value without surrounding white space, such as a file's final line feed. Null if it isn't set.</summary>
    public string? Read(string variable) => configuration[variable]?.Trim() is { Length: > 0 } value ? value : null;

    /// <summary>Returns a URL. Null if it isn't set or invalid.</summary>
    public Uri? ReadUrl(string variable) => Uri.TryCreate(Read(variable), UriKind.Absolute, out var url) ? url : null;

    /// <summary>Applies a rule of <see cref="SettingRules"/> to variables.</summary>
    public IEnumerable<string?> Check(Func<string, string?, string?> rule, params IEnumerable<string> variables) =>
        variables.Select(variable => rule(variable, Read(variable)));
}
