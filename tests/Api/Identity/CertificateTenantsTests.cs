using System.Net;
using GenAI.Chats.Api.Identity;
using GenAI.Chats.Api.Identity.ClientCertificates;
using GenAI.Chats.Api.Tests.Tls;
using GenAI.Chats.TestKit;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Tests.Identity;

/// <summary>Whose a client's certificate is.</summary>
public sealed class CertificateTenantsTests : IDisposable
{
    private const string Spiffe = @"spiffe://test/ns/(?<tenant>[^/]+)/.*";

    private readonly Authority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("CN=alpha", CertificateName.CommonName, null, "alpha")]
    [InlineData("CN=alpha, OU=beta, O=gamma", CertificateName.OrganizationalUnit, null, "beta")]
    [InlineData("CN=alpha.chats.test", CertificateName.CommonName, @"(?<tenant>[a-z]+)\.chats\.test", "alpha")]
    [InlineData("CN=alpha.chats.test.evil", CertificateName.CommonName, @"(?<tenant>[a-z]+)\.chats\.test", null)]
    [InlineData("CN=alpha, CN=beta", CertificateName.CommonName, null, null)]
    [InlineData("CN=alpha, CN=alpha", CertificateName.CommonName, null, "alpha")]
    [InlineData("CN=alpha/beta", CertificateName.CommonName, null, null)]
    [InlineData("O=alpha", CertificateName.CommonName, null, null)]
    [InlineData("CN=x", CertificateName.DnsName, @"(?<tenant>[^.]+)\.test", "dns")]
    [InlineData("CN=x", CertificateName.Uri, Spiffe, "uri")]
    [InlineData("CN=alpha", CertificateName.Uri, null, null)]
    public void Check_Names_GiveTheTenant(string subject, CertificateName name, string? pattern, string? tenant)
    {
        using var certificate = _authority.Client(subject, names =>
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddDnsName("dns.test");
            names.AddUri(new Uri("spiffe://test/ns/uri/sa/x"));
            names.AddEmailAddress("somebody@dns.test");
        });

        var verdict = Tenants(name, pattern).Check(certificate);

        Assert.Equal(tenant is null ? Refusal.Invalid : Verdict.Of(tenant), verdict);
    }

    [Fact]
    public void Check_TwoUris_AreNoTenant()
    {
        using var certificate = _authority.Client(names: names =>
        {
            names.AddUri(new Uri("spiffe://test/ns/alpha/sa/x"));
            names.AddUri(new Uri("spiffe://test/ns/beta/sa/x"));
        });

        Assert.Equal(Refusal.Invalid, Tenants(CertificateName.Uri, Spiffe).Check(certificate));
    }

    [Fact]
    public void Check_WhileTheConnectionIsOpen_Expires()
    {
        var time = new ManualTimeProvider();
        using var certificate = _authority.Client();
        var tenants = Tenants(CertificateName.CommonName, null, time);

        Assert.Equal(Verdict.Of("alpha"), tenants.Check(certificate));
        time.Advance(certificate.NotAfter.ToUniversalTime() - time.GetUtcNow());
        Assert.Equal(Refusal.Expired, tenants.Check(certificate));
        Assert.Equal(Refusal.Missing, tenants.Check(null));
    }

    private static CertificateTenants Tenants(CertificateName name, string? pattern, TimeProvider? time = null) => new(
        Options.Create(new IdentityOptions { ClientCertificates = new() { Name = name, Pattern = pattern } }), time ?? TimeProvider.System);
}
