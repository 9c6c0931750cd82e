using System.Net;
using GenAI.Chats.Api.Identity.Callers;
using GenAI.Chats.Api.Identity.ClientCertificates;
using GenAI.Chats.Api.Tests.Identity.Support;
using GenAI.Chats.Api.Tests.Tls;
using GenAI.Chats.TestKit;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>The tenants of client certificates.</summary>
public sealed class CertificateTenantsTests : IDisposable
{
    private const string Spiffe = @"spiffe://test/ns/(?<tenant>[^/]+)/.*";

    private readonly Authority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("CN=alpha", CertificateField.CommonName, null, "alpha")]
    [InlineData("CN=alpha, OU=beta, O=gamma", CertificateField.OrganizationalUnit, null, "beta")]
    [InlineData("CN=alpha.chats.test", CertificateField.CommonName, @"(?<tenant>[a-z]+)\.chats\.test", "alpha")]
    [InlineData("CN=alpha.chats.test.evil", CertificateField.CommonName, @"(?<tenant>[a-z]+)\.chats\.test", null)]
    [InlineData("CN=alpha, CN=beta", CertificateField.CommonName, null, null)]
    [InlineData("CN=alpha, CN=alpha", CertificateField.CommonName, null, "alpha")]
    [InlineData("CN=alpha/beta", CertificateField.CommonName, null, null)]
    [InlineData("O=alpha", CertificateField.CommonName, null, null)]
    [InlineData("CN=x", CertificateField.DnsName, @"(?<tenant>[^.]+)\.test", "dns")]
    [InlineData("CN=x", CertificateField.Uri, Spiffe, "uri")]
    [InlineData("CN=alpha", CertificateField.Uri, null, null)]
    public void Check_Names_GiveTheTenant(string subject, CertificateField field, string? pattern, string? tenant)
    {
        using var certificate = _authority.Client(subject, names =>
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddDnsName("dns.test");
            names.AddUri(new Uri("spiffe://test/ns/uri/sa/x"));
            names.AddEmailAddress("somebody@dns.test");
        });

        var outcome = Outcome.Of(Tenants(field, pattern).Check(certificate));

        Assert.Equal(tenant ?? CredentialException.Invalid, outcome);
    }

    [Fact]
    public void Check_TwoUris_AreNoTenant()
    {
        using var certificate = _authority.Client(names: names =>
        {
            names.AddUri(new Uri("spiffe://test/ns/alpha/sa/x"));
            names.AddUri(new Uri("spiffe://test/ns/beta/sa/x"));
        });

        Assert.Equal(CredentialException.Invalid, Outcome.Of(Tenants(CertificateField.Uri, Spiffe).Check(certificate)));
    }

    [Fact]
    public void Check_WhileTheConnectionIsOpen_Expires()
    {
        var time = new ManualTimeProvider();
        using var certificate = _authority.Client();
        var tenants = Tenants(CertificateField.CommonName, null, time);

        Assert.Equal("alpha", Outcome.Of(tenants.Check(certificate)));
        time.Advance(certificate.NotAfter.ToUniversalTime() - time.GetUtcNow());
        Assert.Equal(CredentialException.Expired, Outcome.Of(tenants.Check(certificate)));
        Assert.Equal(CredentialException.Missing, Outcome.Of(tenants.Check(null)));
    }

    private static CertificateTenants Tenants(CertificateField field, string? pattern, TimeProvider? time = null) =>
        new(new ClientCertificateOptions { TenantSource = field, Pattern = pattern }, time ?? TimeProvider.System);
}
