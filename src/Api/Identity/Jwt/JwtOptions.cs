namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>The valid tokens: the configuration section <c>Authentication:Jwt</c>. A token is a JWT that the issuer signed for this server's audience.</summary>
public sealed record JwtOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Authentication:Jwt";

    /// <summary>Gets the claim <c>iss</c> that tokens must have. Required with <c>Jwt</c>.</summary>
    public string? Issuer { get; init; }

    /// <summary>Gets the value that the claim <c>aud</c> of tokens must be or contain. Required with <c>Jwt</c>.</summary>
    public string? Audience { get; init; }

    /// <summary>Gets a file with the issuer's public keys, as a JSON Web Key Set. Changes take effect within seconds. Default: not set.</summary>
    public string? JwksFile { get; init; }

    /// <summary>Gets the URL of the issuer's JSON Web Key Set. https only; not with <see cref="JwksFile"/>. Default: the one in the issuer's OpenID discovery document.</summary>
    public Uri? JwksUri { get; init; }

    /// <summary>Gets the claim that contains the tenant: a string at the top level of the token. Default <c>tenant</c>.</summary>
    public string TenantClaim { get; init; } = "tenant";

    /// <summary>Gets the claim that identifies operators: a string or a list of strings at the top level of the token, such as <c>roles</c>. Default: not set; no token is an operator's.</summary>
    public string? OperatorClaim { get; init; }

    /// <summary>Gets the value that the claim <see cref="OperatorClaim"/> of an operator must be or contain.</summary>
    public string? OperatorValue { get; init; }

    /// <summary>Gets the maximum difference between the issuer's clock and this server's, at most 5 min. Default 30 s.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(30);

    internal bool IsSet => Issuer is not null || Audience is not null || JwksFile is not null || JwksUri is not null || OperatorClaim is not null || OperatorValue is not null;

    /// <summary>Gets the URL of the issuer's discovery document, which contains the URL of the keys.</summary>
    internal string DiscoveryUrl => $"{Issuer?.TrimEnd('/')}/.well-known/openid-configuration";
}
