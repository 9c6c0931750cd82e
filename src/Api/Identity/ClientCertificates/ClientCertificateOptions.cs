using System.Diagnostics.CodeAnalysis;

namespace GenAI.Chats.Api.Identity.ClientCertificates;

/// <summary>Where a client's certificate has its tenant. Which certificates are good is said by <c>Api:Tls:ClientCa</c>.</summary>
public sealed record ClientCertificateOptions
{
    /// <summary>The part of the certificate. Default <see cref="CertificateName.CommonName"/>.</summary>
    public CertificateName Name { get; init; } = CertificateName.CommonName;

    /// <summary>
    /// A regular expression for the whole of the name, whose group <c>tenant</c> is the tenant, such as <c>spiffe://example\.org/ns/(?&lt;tenant&gt;[^/]+)/.*</c>.
    /// Default: the name is the tenant.
    /// </summary>
    [StringSyntax(StringSyntaxAttribute.Regex)]
    public string? Pattern { get; init; }

    internal bool IsSet => Pattern is not null || Name != CertificateName.CommonName;
}

/// <summary>Parts of a certificate that name its owner.</summary>
public enum CertificateName
{
    /// <summary>The subject's common name.</summary>
    CommonName,

    /// <summary>The subject's organizational unit.</summary>
    OrganizationalUnit,

    /// <summary>A DNS name among the subject's alternative names.</summary>
    DnsName,

    /// <summary>A URI among the subject's alternative names, such as a SPIFFE id.</summary>
    Uri,
}
