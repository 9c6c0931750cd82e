using GenAI.Chats.Api.Identity.Callers;
using Microsoft.AspNetCore.Authentication;

namespace GenAI.Chats.Api.Tests.Identity.Support;

/// <summary>Results of authentication as text.</summary>
internal static class Outcome
{
    /// <summary>Returns the tenant, or the reason of a rejection.</summary>
    public static string Of(AuthenticateResult result) =>
        result.Succeeded ? result.Principal.FindFirst(Caller.TenantClaim)!.Value
        : result.None ? CredentialException.Missing
        : Assert.IsType<CredentialException>(result.Failure).Reason;
}
