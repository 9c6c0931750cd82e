using GenAI.Chats.Api.Identity.ApiKeys;
using GenAI.Chats.Api.Identity.ClientCertificates;
using GenAI.Chats.Api.Identity.Jwt;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Identity;

/// <summary>
/// Finds out whose a call is. A key or token decides, if there is one: where it is not good, a certificate that is does not help.
/// </summary>
internal sealed class Authenticator(IOptions<IdentityOptions> options, ApiKeyStore keys, JwtValidator tokens, CertificateTenants certificates)
{
    private readonly IdentityMode _mode = options.Value.Mode;

    /// <summary>Whose a call is.</summary>
    public ValueTask<Verdict> AuthenticateAsync(HttpContext call)
    {
        if (_mode == IdentityMode.None)
        {
            return new(Verdict.Of(TenantName.Default));
        }

        if (!Credentials.TryRead(call.Request.Headers, out var credential))
        {
            return new(Refusal.Invalid);
        }

        if (credential is null)
        {
            return new(_mode.HasFlag(IdentityMode.ClientCertificates) ? certificates.Check(call.Connection.ClientCertificate) : Refusal.Missing);
        }

        if (ApiKey.HasForm(credential))
        {
            return new(_mode.HasFlag(IdentityMode.ApiKeys) ? keys.Check(credential) : Refusal.Invalid);
        }

        return _mode.HasFlag(IdentityMode.Jwt) ? tokens.CheckAsync(credential, call.RequestAborted) : new(Refusal.Invalid);
    }
}
