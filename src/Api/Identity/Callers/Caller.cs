using System.Security.Claims;

namespace GenAI.Chats.Api.Identity.Callers;

/// <summary>The caller of a request: a principal with the claim of a tenant, of an operator, or, if a token has both, both.</summary>
internal static class Caller
{
    /// <summary>The type of the claim that contains the tenant.</summary>
    public const string TenantClaim = "tenant";

    /// <summary>The type of the claim that contains the ID of an operator: that of its API key, or the subject of its token.</summary>
    public const string OperatorClaim = "operator";

    /// <summary>The caller if the server doesn't authenticate callers.</summary>
    public static ClaimsPrincipal Anonymous { get; } = new(Identity(TenantName.Default, null, "None"));

    /// <summary>Creates the identity of a caller: a tenant, an operator, or both.</summary>
    /// <param name="tenant">The tenant, if any.</param>
    /// <param name="operatorId">The ID of the operator, if the caller is one.</param>
    /// <param name="scheme">The scheme that authenticated the caller.</param>
    public static ClaimsIdentity Identity(string? tenant, string? operatorId, string scheme)
    {
        var claims = new List<Claim>(1);
        Add(TenantClaim, tenant);
        Add(OperatorClaim, operatorId);
        return new ClaimsIdentity(claims, scheme);

        void Add(string type, string? value)
        {
            if (value is not null)
            {
                claims.Add(new Claim(type, value));
            }
        }
    }

    /// <summary>Creates the result for valid credentials.</summary>
    public static AuthenticateResult Accept(string tenant, string scheme) => Accept(Identity(tenant, null, scheme), scheme);

    /// <summary>Creates the result for an operator's credentials.</summary>
    public static AuthenticateResult AcceptOperator(string keyId, string scheme) => Accept(Identity(null, keyId, scheme), scheme);

    /// <summary>Creates the result for credentials that aren't accepted.</summary>
    /// <param name="reason">One of the reasons of <see cref="CredentialException"/>.</param>
    public static AuthenticateResult Reject(string reason) => AuthenticateResult.Fail(new CredentialException(reason));

    /// <summary>Gets the tenant of a request's caller.</summary>
    /// <exception cref="InvalidOperationException">The request was not authenticated.</exception>
    public static string TenantOf(HttpContext request) =>
        request.User.FindFirst(TenantClaim)?.Value ?? throw new InvalidOperationException("The request was not authenticated.");

    /// <summary>Gets the ID of a request's caller if it is an operator.</summary>
    public static string? OperatorOf(HttpContext request) => request.User.FindFirst(OperatorClaim)?.Value;

    /// <summary>Creates the status for a call that only operators can make.</summary>
    public static RpcException OperatorRequired() =>
        RpcErrors.Denied("OPERATOR_REQUIRED", "Only operators can call this method. Send the credentials of an operator.");

    private static AuthenticateResult Accept(ClaimsIdentity caller, string scheme) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(caller), scheme));
}
