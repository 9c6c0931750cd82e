using System.Text.Encodings.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Api.Identity.ApiKeys;

/// <summary>
/// Authenticates requests with an API key in the header <c>x-api-key</c> or <c>authorization: Bearer</c>. It also rejects credentials that no other scheme handles.
/// </summary>
/// <remarks>The base class has no logger, because it would log each failure at Information.</remarks>
internal sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, UrlEncoder encoder, ApiKeyStore keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, NullLoggerFactory.Instance, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string SchemeName = "ApiKey";

    private const string KeyHeader = "x-api-key";
    private const string Bearer = "Bearer ";

    /// <summary>Indicates whether a request has a bearer token that isn't an API key, and no other credentials.</summary>
    public static bool HasToken(HttpRequest request) =>
        request.Headers[KeyHeader].ToString().Length == 0 && BearerOf(request) is { } token && !ApiKey.HasForm(token);

    /// <summary>Indicates whether a request has neither an API key nor a token.</summary>
    public static bool IsMissing(HttpRequest request) => request.Headers[KeyHeader].ToString().Length + request.Headers.Authorization.ToString().Length == 0;

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var (key, token) = (Request.Headers[KeyHeader].ToString(), BearerOf(Request));
        return Task.FromResult(
            IsMissing(Request) ? AuthenticateResult.NoResult()
            : Request.Headers.Authorization.Count == 0 ? keys.Check(key)
            : key.Length == 0 && token is not null ? keys.Check(token)
            : Caller.Reject(CredentialException.Invalid));
    }

    private static string? BearerOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var value && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? value[Bearer.Length..].Trim() : null;
}
