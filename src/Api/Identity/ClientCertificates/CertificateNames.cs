using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GenAI.Chats.Api.Identity.ClientCertificates;

/// <summary>Reads the names in a certificate.</summary>
internal static class CertificateNames
{
    private const string CommonName = "2.5.4.3";
    private const string OrganizationalUnit = "2.5.4.11";
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>All names of a kind.</summary>
    /// <exception cref="CryptographicException">The certificate is malformed.</exception>
    public static IEnumerable<string> Of(X509Certificate2 certificate, CertificateName kind) => kind switch
    {
        CertificateName.CommonName => SubjectParts(certificate, CommonName),
        CertificateName.OrganizationalUnit => SubjectParts(certificate, OrganizationalUnit),
        CertificateName.DnsName => AlternativeNames(certificate).SelectMany(names => names.EnumerateDnsNames()),
        _ => AlternativeNames(certificate).SelectMany(Uris),
    };

    private static IEnumerable<string> SubjectParts(X509Certificate2 certificate, string oid) =>
        from part in certificate.SubjectName.EnumerateRelativeDistinguishedNames()
        where !part.HasMultipleElements && part.GetSingleElementType().Value == oid
        select part.GetSingleElementValue() ?? "";

    private static IEnumerable<X509SubjectAlternativeNameExtension> AlternativeNames(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>();

    private static List<string> Uris(X509SubjectAlternativeNameExtension names)
    {
        var uris = new List<string>();
        try
        {
            var sequence = new AsnReader(names.RawData, AsnEncodingRules.DER).ReadSequence();
            while (sequence.HasData)
            {
                if (sequence.PeekTag().HasSameClassAndValue(UriTag))
                {
                    uris.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
                }
                else
                {
                    sequence.ReadEncodedValue();
                }
            }
        }
        catch (AsnContentException malformed)
        {
            throw new CryptographicException("The alternative names are malformed.", malformed);
        }

        return uris;
    }
}
