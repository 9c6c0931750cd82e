using System.Security.Claims;

namespace GenAI.Chats.Api.Identity.Callers;

/// <summary>The caller of a request: a principal with one claim, which is either the tenant or the operator.</summary>
internal static class Caller
{
    /// <summary>The type of the claim that contains the tenant.</summary>
    public const string TenantClaim = "tenant";

    /// <summary>The type of the claim that contains the ID of an operator's key. Operators have no tenant.</summary>
    public const string OperatorClaim = "operator";

    /// <summary>The caller if the server doesn't authenticate callers.</summary>
    public static ClaimsPrincipal Anonymous { get; } = new(Identity(TenantName.Default, "None"));

    /// <summary>Creates the identity of a caller.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="scheme">The scheme that authenticated the caller.</param>
    public static ClaimsIdentity Identity(string tenant, string scheme) => new([new Claim(TenantClaim, tenant)], scheme);

    /// <summary>Creates the result for valid credentials.</summary>
    public static AuthenticateResult Accept(string tenant, string scheme) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(Identity(tenant, scheme)), scheme));

    /// <summary>Creates the result for an operator's credentials.</summary>
    public static AuthenticateResult AcceptOperator(string keyId, string scheme) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(OperatorClaim, keyId)], scheme)), scheme));

    /// <summary>Creates the result for credentials that aren't accepted.</summary>
    /// <param name="reason">One of the reasons of <see cref="CredentialException"/>.</param>
    public static AuthenticateResult Reject(string reason) => AuthenticateResult.Fail(new CredentialException(reason));

    /// <summary>Gets the tenant of a request's caller.</summary>
    /// <exception cref="InvalidOperationException">The request was not authenticated.</exception>
    public static string TenantOf(HttpContext request) =>
        request.User.FindFirst(TenantClaim)?.Value ?? throw new InvalidOperationException("The request was not authenticated.");

    /// <summary>Gets the ID of the key of a request's caller if it is an operator's.</summary>
    public static string? OperatorOf(HttpContext request) => request.User.FindFirst(OperatorClaim)?.Value;

    /// <summary>Creates the status for a call that only operators can make.</summary>
    public static RpcException OperatorRequired() =>
        RpcErrors.Denied("OPERATOR_REQUIRED", "Only operators can call this method. Send an operator's API key in the x-api-key header.");
}
