using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Identity.ClientCertificates;

/// <summary>Says whose a client's certificate is. That it is good was seen when the connection was made; here counts that it still is in time.</summary>
internal sealed class CertificateTenants(IOptions<IdentityOptions> options, TimeProvider time)
{
    // A connection's certificate is one object, for all of its calls.
    private readonly ConditionalWeakTable<X509Certificate2, Known> _known = [];

    private readonly CertificateName _name = options.Value.ClientCertificates.Name;
    private readonly Regex _pattern = ClientCertificateRules.ToRegex(options.Value.ClientCertificates.Pattern);

    /// <summary>Whose a connection with this certificate is.</summary>
    public Verdict Check(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return Refusal.Missing;
        }

        var known = _known.GetOrAdd(certificate, Read);
        return known.Tenant is not { } tenant ? Refusal.Invalid
            : time.GetUtcNow() >= known.Expires ? Refusal.Expired
            : Verdict.Of(tenant);
    }

    // A certificate that names several tenants is none of theirs.
    private Known Read(X509Certificate2 certificate)
    {
        try
        {
            var tenants = CertificateNames.Of(certificate, _name)
                .Select(name => ClientCertificateRules.TenantIn(name, _pattern)).Where(TenantName.IsValid).Distinct().ToList();
            return new Known(tenants is [var tenant] ? tenant : null, certificate.NotAfter.ToUniversalTime());
        }
        catch (CryptographicException)
        {
            return new Known(null, default);
        }
    }

    private sealed record Known(string? Tenant, DateTimeOffset Expires);
}
