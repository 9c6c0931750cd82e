using System.Text.RegularExpressions;
using GenAI.Chats.Api.Tls;

namespace GenAI.Chats.Api.Identity.ClientCertificates;

/// <summary>What the settings for tenants from certificates have to be like.</summary>
internal static class ClientCertificateRules
{
    private const string Group = "tenant";

    /// <summary>What is wrong.</summary>
    public static IEnumerable<string> Check(ClientCertificateOptions options, TlsOptions tls)
    {
        if (tls.ClientCa is null)
        {
            yield return $"Api:Tls:ClientCa is not set; it must be where Identity:Mode has {IdentityMode.ClientCertificates}: it says whose certificates count.";
        }

        if (!Enum.IsDefined(options.Name))
        {
            yield return Rule(nameof(options.Name), options.Name, $"must be one of {string.Join(", ", Enum.GetNames<CertificateName>())}");
        }

        if (options.Pattern is { } pattern && !IsPattern(pattern))
        {
            yield return Rule(nameof(options.Pattern), pattern, $"must be a regular expression with a group (?<{Group}>...), without backreferences and lookarounds");
        }
    }

    /// <summary>The expression for whole names.</summary>
    public static Regex ToRegex(string? pattern) =>
        new($@"\A(?:{pattern ?? $"(?<{Group}>.*)"})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);

    /// <summary>The tenant in a name; null: there is none.</summary>
    public static string? TenantIn(string name, Regex pattern) => pattern.Match(name).Groups[Group] is { Success: true, Value: var tenant } ? tenant : null;

    private static bool IsPattern(string pattern)
    {
        try
        {
            return ToRegex(pattern).GetGroupNames().Contains(Group);
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    private static string Rule(string setting, object value, string rule) =>
        $"{IdentityOptionsValidator.Key(nameof(IdentityOptions.ClientCertificates))}:{setting} is {value}; it {rule}.";
}
