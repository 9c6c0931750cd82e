using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using GenAI.Chats.Api.Reloading;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace GenAI.Chats.Api.Tls;

/// <summary>Adds TLS to connections. A connection uses the certificates that the files contain when it is opened.</summary>
internal sealed class TlsConnections(IOptions<TlsOptions> options, ILogger<TlsConnections> logger) : IReloadable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly TlsOptions _options = options.Value;
    private readonly FileState _state = new([.. new[] { options.Value.Certificate, options.Value.Key, options.Value.ClientCa }.OfType<string>()]);
    private volatile Func<SslServerAuthenticationOptions>? _current = options.Value.Certificate is null ? null : Load(options.Value, logger);

    /// <summary>Indicates whether TLS is enabled.</summary>
    public bool IsOn => _options.Certificate is not null;

    /// <summary>Adds TLS to an endpoint, if TLS is enabled.</summary>
    public void Secure(ListenOptions endpoint)
    {
        if (IsOn)
        {
            // Each connection has its own options, because the web server adds the protocols of the endpoint to them.
            endpoint.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(_current!()) });
        }
    }

    /// <inheritdoc/>
    public void Reload()
    {
        if (!IsOn || !_state.HasChanged())
        {
            return;
        }

        try
        {
            _current = Load(_options, logger);
        }
        catch (InvalidDataException invalid)
        {
            TlsLog.CertificateKept(logger, invalid.Message);
        }
    }

    private static Func<SslServerAuthenticationOptions> Load(TlsOptions options, ILogger logger)
    {
        var files = TlsFiles.Read(options);
        var certificate = files.Certificate.TargetCertificate;
        TlsLog.CertificateLoaded(logger, certificate.Subject, certificate.NotAfter.ToUniversalTime());
        var policy = files.ClientCa is { } ca ? ToPolicy(ca) : null;
        return () => new SslServerAuthenticationOptions
        {
            ServerCertificateContext = files.Certificate,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateRequired = policy is not null,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = policy is null
                ? null
                : (_, shown, _, errors) => shown is null ? !options.RequireClientCertificate : errors == SslPolicyErrors.None,
        };
    }

    // Only these CAs count, not the ones that the machine trusts. Revocation lists aren't checked; short-lived certificates don't need them.
    private static X509ChainPolicy ToPolicy(X509Certificate2Collection cas)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(cas);
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return policy;
    }
}
