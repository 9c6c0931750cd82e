namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>Checks <see cref="JwtOptions"/>.</summary>
internal static class JwtRules
{
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(5);

    /// <summary>Reports the invalid settings, and an invalid key file.</summary>
    public static void Check(JwtOptions options, ValidateOptionsResultBuilder failures)
    {
        var check = new SettingsCheck(JwtOptions.SectionName);
        check.Require(!string.IsNullOrEmpty(options.Issuer), nameof(options.Issuer), "", "the iss claim of the tokens");
        check.Require(
            string.IsNullOrEmpty(options.Issuer)
            || options is not { JwksFile: null, JwksUri: null }
            || (Uri.TryCreate(options.DiscoveryUrl, UriKind.Absolute, out var url) && IsSafe(url)),
            nameof(options.Issuer),
            options.Issuer,
            "an https URL (http is allowed only for localhost), or any text if JwksFile or JwksUri is set");
        check.Require(!string.IsNullOrEmpty(options.Audience), nameof(options.Audience), "", "the aud claim of the tokens");
        check.Require(
            options.JwksUri is not { } uri || (options.JwksFile is null && IsSafe(uri)),
            nameof(options.JwksUri),
            options.JwksUri,
            options.JwksFile is null ? "an https URL (http is allowed only for localhost)" : "no value, because JwksFile is set");
        check.Require(options.TenantClaim.Length > 0, nameof(options.TenantClaim), "", "the name of a claim");
        check.Require(options.OperatorClaim is not "", nameof(options.OperatorClaim), options.OperatorClaim, "the name of a claim");
        check.Require(
            options.OperatorClaim is null ? options.OperatorValue is null : !string.IsNullOrEmpty(options.OperatorValue),
            nameof(options.OperatorValue),
            options.OperatorValue ?? "",
            options.OperatorClaim is null ? "no value, because OperatorClaim isn't set" : "the value of the claim OperatorClaim in tokens of operators");
        check.Require(options.ClockSkew >= TimeSpan.Zero && options.ClockSkew <= MaxSkew, nameof(options.ClockSkew), options.ClockSkew, $"between 0 and {MaxSkew}");
        failures.AddResult(check.Result);
        try
        {
            _ = options.JwksFile is { } file ? SigningKeySet.ReadFile(file) : null;
        }
        catch (Exception failure) when (SigningKeySet.IsFault(failure))
        {
            const string Key = $"{JwtOptions.SectionName}:{nameof(options.JwksFile)}";
            failures.AddError($"{SettingsCheck.Describe(Key, options.JwksFile, "a readable JSON Web Key Set with public RSA or EC keys")} {failure.Message}");
        }
    }

    /// <summary>Indicates whether responses of a URL are protected against changes on their way.</summary>
    public static bool IsSafe(Uri url) => url.IsAbsoluteUri && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback));
}
