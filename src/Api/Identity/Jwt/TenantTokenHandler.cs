using System.Buffers.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>
/// Validates tokens for the JWT bearer scheme, and finds their tenants and operators. Valid tokens are remembered until they expire or the issuer's keys change.
/// </summary>
/// <remarks>
/// The keys come from <see cref="SigningKeys"/>. The scheme's own configuration manager rejects the first tokens that are signed with a new key, and during an
/// outage of the issuer it fetches once per token.
/// </remarks>
internal sealed class TenantTokenHandler(JwtOptions options, SigningKeys source, TimeProvider time, ILogger<TenantTokenHandler> logger) : TokenHandler, IDisposable
{
    private const int MaxTokens = 20_000;
    private const int MaxSubject = 256;

    // If a claim occurs twice, the issuer and this server could read different ones.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    // The scheme requires a token, but reads only its times, which are checked here. A parsed token takes several kilobytes, a ValidToken 300 bytes.
    private static readonly JsonWebToken Placeholder = new("{}", "{}");

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = 16 * 1024 };
    private readonly MemoryCache _valid = new(new MemoryCacheOptions { SizeLimit = MaxTokens, CompactionPercentage = 0.25 });

    /// <summary>The valid algorithms. None uses a secret, because a public key could then be used as the secret.</summary>
    public static IReadOnlyList<string> Algorithms { get; } =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <inheritdoc/>
    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        var hash = SecretHash.Of(token);
        if (_valid.TryGetValue(hash, out ValidToken? known) && known!.Keys == source.Current)
        {
            return CheckTime(known);
        }

        if (!_handler.CanReadToken(token) || Parse(token) is not { IsEncrypted: false, IsSigned: true } parsed || !Algorithms.Contains(parsed.Alg))
        {
            return Invalid("unsupported token format or algorithm");
        }

        if (await source.GetAsync(parsed.Kid) is not { } keys)
        {
            return Rejected(CredentialException.Unavailable);
        }

        var parameters = validationParameters.Clone();
        parameters.IssuerSigningKeys = keys.For(parsed.Kid);
        var result = await _handler.ValidateTokenAsync(parsed, parameters);
        if (!result.IsValid)
        {
            return Invalid(result.Exception?.GetType().Name ?? "unknown");
        }

        if (parsed.ValidTo == DateTime.MinValue || CallerOf(parsed) is not { } caller)
        {
            return Invalid("missing exp claim, or neither a tenant nor an operator");
        }

        var valid = new ValidToken(caller.Tenant, caller.Operator, keys, Time(parsed.ValidFrom), Time(parsed.ValidTo));
        _valid.Set(hash, valid, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpiration = valid.Expires });
        return CheckTime(valid);
    }

    /// <inheritdoc/>
    public void Dispose() => _valid.Dispose();

    private TokenValidationResult CheckTime(ValidToken token)
    {
        var now = time.GetUtcNow();
        return now + options.ClockSkew < token.NotBefore ? Invalid("not yet valid (nbf)")
            : now - options.ClockSkew >= token.Expires ? Rejected(CredentialException.Expired)
            : new() { IsValid = true, SecurityToken = Placeholder, ClaimsIdentity = Caller.Identity(token.Tenant, token.Operator, JwtBearerDefaults.AuthenticationScheme) };
    }

    private TokenValidationResult Invalid(string why)
    {
        IdentityLog.TokenRejected(logger, why);
        return Rejected(CredentialException.Invalid);
    }

    private static TokenValidationResult Rejected(string reason) => new() { IsValid = false, Exception = new CredentialException(reason) };

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

    // Reads the claims from the JSON, because the library converts numbers, dates, and lists to text.
    private (string? Tenant, string? Operator)? CallerOf(JsonWebToken token)
    {
        try
        {
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(token.EncodedPayload), Strict);
            var tenant = TextOf(payload.RootElement, options.TenantClaim) is var name && TenantName.IsValid(name) ? name : null;
            var id = OperatorOf(payload.RootElement);
            return tenant is null && id is null ? null : (tenant, id);
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    // An operator's ID is the subject, which the log of its calls contains.
    private string? OperatorOf(JsonElement claims) =>
        options.OperatorClaim is { } name
        && claims.TryGetProperty(name, out var claim)
        && (claim.ValueKind == JsonValueKind.Array ? claim.EnumerateArray().Any(IsOperator) : IsOperator(claim))
        && TextOf(claims, JwtRegisteredClaimNames.Sub) is { Length: > 0 and <= MaxSubject } subject
        && !subject.Any(char.IsControl)
            ? subject
            : null;

    private bool IsOperator(JsonElement value) => value.ValueKind == JsonValueKind.String && value.ValueEquals(options.OperatorValue);

    private static string? TextOf(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var claim) && claim.ValueKind == JsonValueKind.String ? claim.GetString() : null;

    private static DateTimeOffset Time(DateTime utc) => new(utc, TimeSpan.Zero);

    private sealed record ValidToken(string? Tenant, string? Operator, SigningKeySet Keys, DateTimeOffset NotBefore, DateTimeOffset Expires);
}
