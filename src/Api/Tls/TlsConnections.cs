using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using GenAI.Chats.Api.Reloading;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace GenAI.Chats.Api.Tls;

/// <summary>Adds TLS to connections. A connection uses the certificates that the files contain when it is opened.</summary>
internal sealed class TlsConnections : IReloadable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly TlsOptions _options;
    private readonly ILogger _logger;
    private readonly FileState _state;
    private volatile SslServerAuthenticationOptions? _current;

    public TlsConnections(IOptions<TlsOptions> options, ILogger<TlsConnections> logger)
    {
        _options = options.Value;
        _logger = logger;
        _state = new FileState([.. new[] { _options.Certificate, _options.Key, _options.ClientCa }.OfType<string>()]);
        if (IsOn)
        {
            Load();
        }
    }

    /// <summary>Indicates whether TLS is enabled.</summary>
    public bool IsOn => _options.Certificate is not null;

    /// <summary>Adds TLS to an endpoint, if TLS is enabled.</summary>
    public void Secure(ListenOptions endpoint)
    {
        if (IsOn)
        {
            endpoint.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(_current!) });
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
            Load();
        }
        catch (InvalidDataException invalid)
        {
            TlsLog.CertificateKept(_logger, invalid.Message);
        }
    }

    private void Load()
    {
        var files = TlsFiles.Read(_options);
        _current = ToConnection(files);
        var certificate = files.Certificate.TargetCertificate;
        TlsLog.CertificateLoaded(_logger, certificate.Subject, certificate.NotAfter.ToUniversalTime());
    }

    private SslServerAuthenticationOptions ToConnection(TlsFiles files) => new()
    {
        ServerCertificateContext = files.Certificate,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = files.ClientCa is not null,
        CertificateChainPolicy = files.ClientCa is { } ca ? ToPolicy(ca) : null,
        RemoteCertificateValidationCallback = files.ClientCa is null ? null : IsAccepted,
    };

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

    private bool IsAccepted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate is null
        ? !_options.RequireClientCertificate
        : errors == SslPolicyErrors.None;
}
