using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using GenAI.Chats.Api.Reloading;
using GenAI.Chats.Api.Tests.Hosting;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;

namespace GenAI.Chats.Api.Tests.Tls;

/// <summary>A server with TLS, and its files.</summary>
internal sealed class SecureServer : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tls");
    private readonly List<GrpcChannel> _channels = [];
    private DisposableServer? _server;

    public Authority Authority { get; } = new();

    public TestServer Server => _server!.Value;

    public string PathTo(string file) => Path.Combine(_directory.FullName, file);

    /// <summary>Starts a server whose files are in a directory of the given name.</summary>
    public async Task StartAsync(string directory, string[] expectedLogs, params string[] settings) => _server = new DisposableServer(
        await TestServer.StartAsync(
        [
            $"--Api:Tls:Certificate={PathTo($"{directory}/server.pem")}",
            $"--Api:Tls:Key={PathTo($"{directory}/server.key")}",
            .. settings,
        ]),
        expectedLogs);

    /// <summary>Writes a server's files.</summary>
    public void Write(string directory, X509Certificate2 certificate)
    {
        _directory.CreateSubdirectory(directory);
        File.WriteAllText(PathTo($"{directory}/server.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(PathTo($"{directory}/server.key"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(PathTo($"{directory}/ca.pem"), Authority.Pem);
    }

    /// <summary>Has the server look at its files.</summary>
    public void Reload() => Server.App.Services.GetServices<IReloadable>().ToList().ForEach(r => r.Reload());

    /// <summary>A client with a connection of its own, which trusts the authority.</summary>
    public V1.Chats.ChatsClient Connect(X509Certificate2? certificate = null, Action<X509Certificate2>? seen = null)
    {
        var channel = GrpcChannel.ForAddress(Server.Addresses.Grpc, new GrpcChannelOptions { DisposeHttpClient = true, HttpHandler = Handler(certificate, seen) });
        _channels.Add(channel);
        return new V1.Chats.ChatsClient(channel);
    }

    /// <summary>A client of the web port, which trusts the authority.</summary>
    public HttpClient Web() => new(Handler()) { BaseAddress = Server.Addresses.Http };

    private SocketsHttpHandler Handler(X509Certificate2? certificate = null, Action<X509Certificate2>? seen = null)
    {
        var trusted = X509CertificateLoader.LoadCertificate(X509Certificate2.CreateFromPem(Authority.Pem).RawData);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(trusted);
        return new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = policy,
                ClientCertificates = certificate is null ? [] : [certificate],
                RemoteCertificateValidationCallback = (_, server, _, errors) =>
                {
                    seen?.Invoke(X509CertificateLoader.LoadCertificate(server!.Export(X509ContentType.Cert)));
                    return errors == SslPolicyErrors.None;
                },
            },
        };
    }

    /// <summary>The subject of the certificate that a new connection gets.</summary>
    public async Task<string> SubjectAsync()
    {
        var subject = "";
        await Connect(seen: certificate => subject = certificate.Subject).ListChatsAsync(new());
        return subject;
    }

    public async ValueTask DisposeAsync()
    {
        _channels.ForEach(c => c.Dispose());
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Authority.Dispose();
        _directory.Delete(recursive: true);
    }
}
