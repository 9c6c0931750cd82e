using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GenAI.Chats.Client.Tests.Support;
using Grpc.Core;
using static GenAI.Chats.Client.Tests.Support.Answers;

namespace GenAI.Chats.Client.Tests.Calls;

/// <summary>TLS: trusted CAs and client certificates.</summary>
public sealed class SecureConnectionTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tls");
    private readonly X509Certificate2 _server = NewCertificate("server");

    public void Dispose()
    {
        _server.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Call_TrustedServer_Succeeds()
    {
        await using var server = await ScriptedServer.StartAsync(_server);
        server.Chats.Enqueue(Reply(new V1.Chat { Name = "chats/c" }));

        var chat = await server.Chat(new() { TrustedRootsFile = Write("roots.pem", _server) }).GetAsync();

        Assert.Equal("chats/c", chat.Name);
    }

    [Fact]
    public async Task Call_UntrustedServer_FailsAtOnceAndNamesTheOption()
    {
        using var other = NewCertificate("server");
        await using var server = await ScriptedServer.StartAsync(_server);

        foreach (var roots in (string?[])[null, Write("roots.pem", other)])
        {
            // With retries, the call wouldn't end.
            var options = new ChatsClientOptions { TrustedRootsFile = roots, RetryTimeout = Timeout.InfiniteTimeSpan, CallTimeout = Timeout.InfiniteTimeSpan };
            var failure = await Assert.ThrowsAsync<ChatException>(() => server.Chat(options).GetAsync());

            Assert.Equal((StatusCode.Unauthenticated, null), (failure.Status, failure.Reason));
            Assert.StartsWith("TLS connection failed: ", failure.Message, StringComparison.Ordinal);
            Assert.Contains("ChatsClientOptions.TrustedRootsFile", failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Call_WithACertificate_ReadsTheFilesForEachConnection()
    {
        using var first = NewCertificate("first");
        using var second = NewCertificate("second");
        var seen = new List<string>();
        await using var server = await ScriptedServer.StartAsync(_server, seen.Add);
        server.Chats.Enqueue(Reply(new V1.Chat()), Reply(new V1.Chat()));
        var options = new ChatsClientOptions
        {
            TrustedRootsFile = Write("roots.pem", _server),
            ClientCertificateFile = Write("own.pem", first),
            ClientKeyFile = WriteKey("own.key", first),
        };

        await server.Chat(options).GetAsync();
        Write("own.pem", second);
        WriteKey("own.key", second);
        await server.Chat(options).GetAsync();

        Assert.Equal(["CN=first", "CN=second"], seen);
    }

    [Theory]
    [InlineData("TrustedRootsFile", "/nowhere", null, null)]
    [InlineData("ClientCertificateFile", null, "/nowhere", null)]
    [InlineData("ClientKeyFile", null, null, "/nowhere")]
    public void Client_InvalidFile_ThrowsWithKeyValueAndRule(string option, string? roots, string? certificate, string? key)
    {
        var options = new ChatsClientOptions { TrustedRootsFile = roots, ClientCertificateFile = certificate, ClientKeyFile = key };

        Assert.StartsWith($"ChatsClientOptions.{option}: invalid value '/nowhere'. Expected: ", Assert.Throws<ArgumentException>(() => new ChatsClient(options)).Message, StringComparison.Ordinal);
    }

    private string Write(string name, X509Certificate2 certificate) => Write(name, certificate.ExportCertificatePem());

    private string WriteKey(string name, X509Certificate2 certificate) => Write(name, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());

    private string Write(string name, string content)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }

    // A self-signed certificate.
    private static X509Certificate2 NewCertificate(string name)
    {
        var request = new CertificateRequest($"CN={name}", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
