using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace GenAI.Chats.Api.Identity.ClientCertificates;

/// <summary>Reads the fields of certificates.</summary>
internal static class CertificateFields
{
    private const string CommonName = "2.5.4.3";
    private const string OrganizationalUnit = "2.5.4.11";
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>Returns all values of a field.</summary>
    /// <exception cref="CryptographicException">The certificate is malformed.</exception>
    /// <exception cref="AsnContentException">The subject alternative names are malformed.</exception>
    public static IEnumerable<string> Read(X509Certificate2 certificate, CertificateField field) => field switch
    {
        CertificateField.CommonName => Subject(certificate, CommonName),
        CertificateField.OrganizationalUnit => Subject(certificate, OrganizationalUnit),
        CertificateField.DnsName => AlternativeNames(certificate).SelectMany(static names => names.EnumerateDnsNames()),
        _ => AlternativeNames(certificate).SelectMany(Uris),
    };

    private static IEnumerable<string> Subject(X509Certificate2 certificate, string oid) =>
        from part in certificate.SubjectName.EnumerateRelativeDistinguishedNames()
        where !part.HasMultipleElements && part.GetSingleElementType().Value == oid
        select part.GetSingleElementValue() ?? "";

    private static IEnumerable<X509SubjectAlternativeNameExtension> AlternativeNames(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>();

    private static IEnumerable<string> Uris(X509SubjectAlternativeNameExtension names)
    {
        for (var rest = new AsnReader(names.RawData, AsnEncodingRules.DER).ReadSequence(); rest.HasData;)
        {
            if (rest.PeekTag().HasSameClassAndValue(UriTag))
            {
                yield return rest.ReadCharacterString(UniversalTagNumber.IA5String, UriTag);
            }
            else
            {
                rest.ReadEncodedValue();
            }
        }
    }
}
