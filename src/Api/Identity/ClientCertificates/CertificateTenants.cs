using System.Formats.Asn1;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace GenAI.Chats.Api.Identity.ClientCertificates;

/// <summary>Finds the tenants of client certificates. TLS has validated the certificates when the clients connected. Here, only the expiry is checked again.</summary>
internal sealed class CertificateTenants(ClientCertificateOptions options, TimeProvider time)
{
    // All requests on a connection have the same certificate object.
    private readonly ConditionalWeakTable<X509Certificate2, Known> _known = [];

    private readonly Regex _pattern = ClientCertificateRules.ToRegex(options.Pattern);

    /// <summary>Checks the certificate of a connection.</summary>
    public AuthenticateResult Check(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return AuthenticateResult.NoResult();
        }

        var known = _known.GetOrAdd(certificate, Read);
        return known.Tenant is not { } tenant ? Caller.Reject(CredentialException.Invalid)
            : time.GetUtcNow() >= known.Expires ? Caller.Reject(CredentialException.Expired)
            : Caller.Accept(tenant, ClientCertificateHandler.SchemeName);
    }

    // If a certificate contains several tenants, it's invalid.
    private Known Read(X509Certificate2 certificate)
    {
        try
        {
            var tenants = CertificateFields.Read(certificate, options.TenantSource)
                .Select(value => ClientCertificateRules.TenantIn(value, _pattern)).Where(TenantName.IsValid).Distinct().ToList();
            return new Known(tenants is [var tenant] ? tenant : null, certificate.NotAfter.ToUniversalTime());
        }
        catch (Exception malformed) when (malformed is CryptographicException or AsnContentException)
        {
            return new Known(null, default);
        }
    }

    private sealed record Known(string? Tenant, DateTimeOffset Expires);
}
