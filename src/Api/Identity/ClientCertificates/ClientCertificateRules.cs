using System.Text.RegularExpressions;
using GenAI.Chats.Api.Tls;
using GenAI.Chats.Models.Settings;

namespace GenAI.Chats.Api.Identity.ClientCertificates;

/// <summary>Checks <see cref="ClientCertificateOptions"/>, and applies their pattern.</summary>
internal static class ClientCertificateRules
{
    private const string Group = "tenant";

    /// <summary>Describes the invalid settings.</summary>
    public static IEnumerable<string> Check(ClientCertificateOptions options, TlsOptions tls)
    {
        if (tls.ClientCa is null)
        {
            yield return SettingsCheck.Describe(
                "Api:Tls:ClientCa", null, "a PEM file with the CAs of clients' certificates, because Authentication:Schemes includes ClientCertificates");
        }

        if (!Enum.IsDefined(options.TenantSource))
        {
            yield return Invalid(nameof(options.TenantSource), options.TenantSource, $"one of {string.Join(", ", Enum.GetNames<CertificateField>())}");
        }

        if (options.Pattern is { } pattern && !IsPattern(pattern))
        {
            yield return Invalid(nameof(options.Pattern), pattern, $"a regular expression with a group (?<{Group}>...), without backreferences and lookarounds");
        }
    }

    /// <summary>Creates the expression for whole fields.</summary>
    public static Regex ToRegex(string? pattern) =>
        new($@"\A(?:{pattern ?? $"(?<{Group}>.*)"})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);

    /// <summary>Returns the tenant in a field, or null if it contains none.</summary>
    public static string? TenantIn(string field, Regex pattern) => pattern.Match(field).Groups[Group] is { Success: true, Value: var tenant } ? tenant : null;

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

    private static string Invalid(string setting, object value, string rule) => SettingsCheck.Describe($"{ClientCertificateOptions.SectionName}:{setting}", value, rule);
}
