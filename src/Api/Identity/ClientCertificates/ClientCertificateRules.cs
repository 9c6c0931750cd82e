using GenAI.Chats.Api.Tls;

namespace GenAI.Chats.Api.Identity.ClientCertificates;

/// <summary>Checks <see cref="ClientCertificateOptions"/>, and applies their pattern.</summary>
internal static class ClientCertificateRules
{
    private const string Group = "tenant";

    /// <summary>Reports the invalid settings.</summary>
    public static void Check(ClientCertificateOptions options, TlsOptions tls, ValidateOptionsResultBuilder failures)
    {
        var others = new SettingsCheck(TlsOptions.SectionName);
        others.Require(
            tls.ClientCa is not null,
            nameof(tls.ClientCa),
            null,
            "a PEM file with the CAs of clients' certificates, because Authentication:Schemes includes ClientCertificates");
        failures.AddResult(others.Result);
        var check = new SettingsCheck(ClientCertificateOptions.SectionName);
        check.Require(
            Enum.IsDefined(options.TenantSource), nameof(options.TenantSource), options.TenantSource, $"one of {string.Join(", ", Enum.GetNames<CertificateField>())}");
        check.Require(
            options.Pattern is null || IsPattern(options.Pattern),
            nameof(options.Pattern),
            options.Pattern,
            $"a regular expression with a group (?<{Group}>...), without backreferences and lookarounds");
        failures.AddResult(check.Result);
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
}
