using System.Security.Claims;

namespace GenAI.Chats.Api.Identity.Callers;

/// <summary>The caller of a request: a principal with one claim, the tenant.</summary>
internal static class Caller
{
    /// <summary>The type of the claim that contains the tenant.</summary>
    public const string TenantClaim = "tenant";

    /// <summary>The caller if the server doesn't authenticate callers.</summary>
    public static ClaimsPrincipal Anonymous { get; } = new(Identity(TenantName.Default, "None"));

    /// <summary>Creates the identity of a caller.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="scheme">The scheme that authenticated the caller.</param>
    public static ClaimsIdentity Identity(string tenant, string scheme) => new([new Claim(TenantClaim, tenant)], scheme);

    /// <summary>Creates the result for valid credentials.</summary>
    public static AuthenticateResult Accept(string tenant, string scheme) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(Identity(tenant, scheme)), scheme));

    /// <summary>Creates the result for credentials that aren't accepted.</summary>
    /// <param name="reason">One of the reasons of <see cref="CredentialException"/>.</param>
    public static AuthenticateResult Reject(string reason) => AuthenticateResult.Fail(new CredentialException(reason));

    /// <summary>Gets the tenant of a request's caller.</summary>
    /// <exception cref="InvalidOperationException">The request was not authenticated.</exception>
    public static string TenantOf(HttpContext request) =>
        request.User.FindFirst(TenantClaim)?.Value ?? throw new InvalidOperationException("The request was not authenticated.");
}
