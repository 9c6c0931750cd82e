namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>Which tokens are good: JWTs that the issuer has signed, for this audience, and whose they are.</summary>
public sealed record JwtOptions
{
    /// <summary>The claim <c>iss</c> that tokens must have.</summary>
    public string? Issuer { get; init; }

    /// <summary>What the claim <c>aud</c> of tokens must be, or list.</summary>
    public string? Audience { get; init; }

    /// <summary>A file with the issuer's public keys, as a JSON Web Key Set. Changes count within seconds. Default none.</summary>
    public string? KeysFile { get; init; }

    /// <summary>Where the issuer's JSON Web Key Set is. Default: where the issuer's OpenID discovery document says, unless there is a file.</summary>
    public Uri? KeysUrl { get; init; }

    /// <summary>The claim that is the tenant: text, at the top of the token. Default <c>tenant</c>.</summary>
    public string TenantClaim { get; init; } = "tenant";

    /// <summary>How far the issuer's clock and this server's may be apart. Default 30 s.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(30);

    internal bool IsSet => Issuer is not null || Audience is not null || KeysFile is not null || KeysUrl is not null;

    /// <summary>Where the issuer says where its keys are, if neither a file nor a URL has them.</summary>
    internal string DiscoveryUrl => $"{Issuer?.TrimEnd('/')}/.well-known/openid-configuration";
}
