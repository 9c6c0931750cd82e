using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GenAI.Chats.Api.Tests.Tls;

/// <summary>Makes certificates.</summary>
internal sealed class Authority : IDisposable
{
    private static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddDays(-1);
    private static readonly DateTimeOffset Until = DateTimeOffset.UtcNow.AddDays(30);

    private readonly X509Certificate2 _own;

    public Authority(string name = "Test authority")
    {
        var request = new CertificateRequest($"CN={name}", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _own = request.CreateSelfSigned(From, Until.AddDays(1));
    }

    /// <summary>The authority's certificate.</summary>
    public string Pem => _own.ExportCertificatePem();

    /// <summary>A certificate for a server on this machine.</summary>
    public X509Certificate2 Server(string name = "localhost") => Issue(
        $"CN={name}",
        "1.3.6.1.5.5.7.3.1",
        names =>
        {
            names.AddDnsName("localhost");
            names.AddIpAddress(IPAddress.Loopback);
        });

    /// <summary>A certificate for a client.</summary>
    public X509Certificate2 Client(string subject = "CN=alpha", Action<SubjectAlternativeNameBuilder>? names = null, DateTimeOffset? until = null) =>
        Issue(subject, "1.3.6.1.5.5.7.3.2", names, until);

    public void Dispose() => _own.Dispose();

    private X509Certificate2 Issue(string subject, string purpose, Action<SubjectAlternativeNameBuilder>? names, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        if (names is not null)
        {
            var builder = new SubjectAlternativeNameBuilder();
            names(builder);
            request.CertificateExtensions.Add(builder.Build());
        }

        using var certificate = request.Create(_own, From, until ?? Until, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
