using System.Text.Encodings.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace GenAI.Chats.Api.Identity.ClientCertificates;

/// <summary>Authenticates requests with the client certificate of their connection.</summary>
/// <remarks>
/// ASP.NET Core's own handler would build the certificate's chain again for each request, with CAs of its own that don't reload. The base class has no logger,
/// because it would log each failure at Information.
/// </remarks>
internal sealed class ClientCertificateHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, UrlEncoder encoder, CertificateTenants tenants)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, NullLoggerFactory.Instance, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string SchemeName = "ClientCertificate";

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(tenants.Check(Context.Connection.ClientCertificate));
}
