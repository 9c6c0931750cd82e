using GenAI.Chats.Models.Settings;

namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>Checks <see cref="JwtOptions"/>.</summary>
internal static class JwtRules
{
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(5);

    /// <summary>Describes the invalid settings, and an invalid key file.</summary>
    public static IEnumerable<string> Check(JwtOptions options)
    {
        if (string.IsNullOrEmpty(options.Issuer))
        {
            yield return Invalid(nameof(options.Issuer), "", "the iss claim of the tokens");
        }
        else if (options is { JwksFile: null, JwksUri: null } && !(Uri.TryCreate(options.DiscoveryUrl, UriKind.Absolute, out var url) && IsSafe(url)))
        {
            yield return Invalid(nameof(options.Issuer), options.Issuer, "an https URL (http is allowed only for localhost), or any text if JwksFile or JwksUri is set");
        }

        if (string.IsNullOrEmpty(options.Audience))
        {
            yield return Invalid(nameof(options.Audience), "", "the aud claim of the tokens");
        }

        if (options.JwksUri is { } uri && (options.JwksFile is not null || !IsSafe(uri)))
        {
            yield return Invalid(
                nameof(options.JwksUri), uri, options.JwksFile is null ? "an https URL (http is allowed only for localhost)" : "no value, because JwksFile is set");
        }

        if (options.TenantClaim.Length == 0)
        {
            yield return Invalid(nameof(options.TenantClaim), "", "the name of a claim");
        }

        if (options.ClockSkew < TimeSpan.Zero || options.ClockSkew > MaxSkew)
        {
            yield return Invalid(nameof(options.ClockSkew), options.ClockSkew, $"between 0 and {MaxSkew}");
        }

        if (options.JwksFile is { } file && FileFault(file) is { } fault)
        {
            yield return $"{Invalid(nameof(options.JwksFile), file, "a readable JSON Web Key Set with public RSA or EC keys")} {fault}";
        }
    }

    /// <summary>Indicates whether responses of a URL are protected against changes on their way.</summary>
    public static bool IsSafe(Uri url) => url.IsAbsoluteUri && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback));

    private static string? FileFault(string path)
    {
        try
        {
            _ = SigningKeySet.ReadFile(path);
            return null;
        }
        catch (Exception failure) when (SigningKeySet.IsFault(failure))
        {
            return failure.Message;
        }
    }

    private static string Invalid(string setting, object value, string rule) => SettingsCheck.Describe($"{JwtOptions.SectionName}:{setting}", value, rule);
}
