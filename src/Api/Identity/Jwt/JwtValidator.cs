using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>Says whose a token is.</summary>
/// <remarks>
/// A token is good when the issuer has signed it with one of its keys and a method of public keys, for this server's audience, when its time has come and is not
/// over, and when its tenant claim is a tenant's name. A token that was found good is known again until it expires or the issuer's keys change.
/// </remarks>
internal sealed class JwtValidator(IOptions<IdentityOptions> options, IKeySource source, TimeProvider time, ILogger<JwtValidator> logger)
{
    // None that takes a secret: with those, a public key would be the secret. And not "none".
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = 16 * 1024 };
    private readonly JwtOptions _options = options.Value.Jwt;
    private readonly KnownTokens _known = new();

    /// <summary>Whose a token is.</summary>
    public async ValueTask<Verdict> CheckAsync(string text, CancellationToken cancellationToken)
    {
        var hash = ApiKeys.SecretHash.Of(text);
        if (_known.Find(hash, await source.GetAsync(null, cancellationToken)) is { } known)
        {
            return InTime(known);
        }

        if (!_handler.CanReadToken(text) || Parse(text) is not { IsEncrypted: false, IsSigned: true } token || !Algorithms.Contains(token.Alg))
        {
            return Refuse("it is no JWT with a signature of a public key");
        }

        if (await source.GetAsync(token.Kid, cancellationToken) is not { } keys)
        {
            return Refusal.Unavailable;
        }

        var result = await _handler.ValidateTokenAsync(token, Parameters(keys.For(token.Kid)));
        if (!result.IsValid)
        {
            return Refuse(result.Exception?.GetType().Name ?? "unknown");
        }

        if (token.ValidTo == DateTime.MinValue || TenantClaim.Read(token, _options.TenantClaim) is not { } tenant)
        {
            return Refuse("it has no expiry, or no claim that is a tenant's name");
        }

        var found = new KnownToken(tenant, Time(token.ValidFrom), Time(token.ValidTo));
        _known.Add(hash, found, keys);
        return InTime(found);
    }

    private Verdict InTime(KnownToken token)
    {
        var now = time.GetUtcNow();
        return now + _options.ClockSkew < token.NotBefore ? Refuse("its time has not come")
            : now - _options.ClockSkew >= token.Expires ? Refusal.Expired
            : Verdict.Of(token.Tenant);
    }

    private Verdict Refuse(string why)
    {
        IdentityLog.TokenRefused(logger, why);
        return Refusal.Invalid;
    }

    private static JsonWebToken? Parse(string text)
    {
        try
        {
            return new JsonWebToken(text);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static DateTimeOffset Time(DateTime utc) => new(utc, TimeSpan.Zero);

    // When is checked apart: an old token of the issuer's is to be told from one that never was good, and the clock is not the library's.
    private TokenValidationParameters Parameters(IReadOnlyList<SecurityKey> keys) => new()
    {
        ValidIssuer = _options.Issuer,
        ValidAudience = _options.Audience,
        ValidAlgorithms = Algorithms,
        IssuerSigningKeys = keys,
        ValidateLifetime = false,
    };
}
