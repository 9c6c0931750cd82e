namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>What the settings for tokens have to be like.</summary>
internal static class JwtRules
{
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(5);

    /// <summary>What is wrong, with the keys file too.</summary>
    public static IEnumerable<string> Check(JwtOptions options)
    {
        var discovers = options is { KeysFile: null, KeysUrl: null };
        if (string.IsNullOrEmpty(options.Issuer))
        {
            yield return Rule(nameof(options.Issuer), "empty", "must be the claim iss of the tokens");
        }
        else if (discovers && !(Uri.TryCreate(options.DiscoveryUrl, UriKind.Absolute, out var url) && IsSafe(url)))
        {
            yield return Rule(nameof(options.Issuer), options.Issuer, "must be an https URI, unless KeysFile or KeysUrl is set");
        }

        if (string.IsNullOrEmpty(options.Audience))
        {
            yield return Rule(nameof(options.Audience), "empty", "must be the claim aud of the tokens: a token that was made for others is not for this server");
        }

        if (options is { KeysFile: not null, KeysUrl: not null })
        {
            yield return Rule(nameof(options.KeysUrl), options.KeysUrl, "must be unset where KeysFile is set");
        }
        else if (options.KeysUrl is { } keys && !IsSafe(keys))
        {
            yield return Rule(nameof(options.KeysUrl), keys, "must be an https URI; http only on this machine");
        }

        if (options.TenantClaim.Length == 0)
        {
            yield return Rule(nameof(options.TenantClaim), "empty", "must be a claim's name");
        }

        if (options.ClockSkew < TimeSpan.Zero || options.ClockSkew > MaxSkew)
        {
            yield return Rule(nameof(options.ClockSkew), options.ClockSkew, $"must be between 0 and {MaxSkew}");
        }

        if (options.KeysFile is { } file && FileFault(file) is { } fault)
        {
            yield return Rule(nameof(options.KeysFile), file, $"must be a readable JSON Web Key Set with public RSA or EC keys. {fault}");
        }
    }

    /// <summary>Whether what comes from a URL is what its owner sent.</summary>
    public static bool IsSafe(Uri url) => url.IsAbsoluteUri && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback));

    private static string? FileFault(string path)
    {
        try
        {
            _ = KeySet.Read(File.ReadAllText(path));
            return null;
        }
        catch (Exception failure) when (KeySet.IsFault(failure))
        {
            return failure.Message;
        }
    }

    private static string Rule(string setting, object value, string rule) =>
        $"{IdentityOptionsValidator.Key(nameof(IdentityOptions.Jwt))}:{setting} is {value}; it {rule}.";
}
