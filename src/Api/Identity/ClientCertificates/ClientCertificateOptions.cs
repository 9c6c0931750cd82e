using System.Diagnostics.CodeAnalysis;

namespace GenAI.Chats.Api.Identity.ClientCertificates;

/// <summary>
/// The tenants of client certificates: the configuration section <c>Authentication:ClientCertificates</c>. <c>Api:Tls:ClientCa</c> sets the CAs that clients'
/// certificates must come from.
/// </summary>
public sealed record ClientCertificateOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Authentication:ClientCertificates";

    /// <summary>Gets the field of the certificate that contains the tenant. Default <see cref="CertificateField.CommonName"/>.</summary>
    public CertificateField TenantSource { get; init; } = CertificateField.CommonName;

    /// <summary>
    /// Gets a regular expression for the whole field, with a group <c>tenant</c> that matches the tenant, such as <c>spiffe://example\.org/ns/(?&lt;tenant&gt;[^/]+)/.*</c>.
    /// Default: the whole field is the tenant.
    /// </summary>
    [StringSyntax(StringSyntaxAttribute.Regex)]
    public string? Pattern { get; init; }

    internal bool IsSet => Pattern is not null || TenantSource != CertificateField.CommonName;
}

/// <summary>The fields of a certificate that can contain a tenant.</summary>
public enum CertificateField
{
    /// <summary>The subject's common name.</summary>
    CommonName,

    /// <summary>The subject's organizational unit.</summary>
    OrganizationalUnit,

    /// <summary>A DNS name in the subject alternative name extension.</summary>
    DnsName,

    /// <summary>A URI in the subject alternative name extension, such as a SPIFFE ID.</summary>
    Uri,
}
