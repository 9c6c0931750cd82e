using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GenAI.Chats.Client;

/// <summary>TLS settings of connections: the trusted CAs and the client certificate.</summary>
internal static class ClientTls
{
    /// <summary>Creates the TLS options of connections.</summary>
    /// <exception cref="ArgumentException">A file can't be read, or has the wrong content. The message names the option.</exception>
    public static SslClientAuthenticationOptions Create(ChatsClientOptions options)
    {
        var tls = new SslClientAuthenticationOptions();
        if (options.TrustedRootsFile is { } roots)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(
                Read(nameof(options.TrustedRootsFile), roots, "a PEM file with certificates", () => ReadRoots(roots)));
        }

        if (options.ClientCertificateFile is { } certificate)
        {
            X509Certificate2 ReadOwn() => X509Certificate2.CreateFromPemFile(certificate, options.ClientKeyFile ?? certificate);
            Read(nameof(options.ClientCertificateFile), certificate, "a PEM file with a certificate, and its private key in the same file or in ClientKeyFile", ReadOwn).Dispose();

            // Read again for each connection, because certificates are renewed.
            tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => ReadOwn();
        }

        return tls;
    }

    /// <summary>Describes the TLS error that a call failed with. Null if it failed for another reason.</summary>
    public static string? Fault(Exception? failure) => failure switch
    {
        null => null,
        AuthenticationException => $"TLS connection failed: {failure.Message.TrimEnd('.')}. To trust a private CA, set {nameof(ChatsClientOptions)}.{nameof(ChatsClientOptions.TrustedRootsFile)}.",
        _ => Fault(failure.InnerException),
    };

    private static X509Certificate2Collection ReadRoots(string path)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(path);
        return roots.Count > 0 ? roots : throw new CryptographicException("The file contains no certificates.");
    }

    private static T Read<T>(string option, string path, string rule, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"{nameof(ChatsClientOptions)}.{option}: invalid value '{path}'. Expected: {rule}. {failure.Message}", option, failure);
        }
    }
}
