using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GenAI.Chats.Client.Calls;

/// <summary>Whom connections trust, and what they show of themselves.</summary>
internal static class ClientTls
{
    /// <summary>The options of connections.</summary>
    /// <exception cref="ArgumentException">A file cannot be read, or does not hold what it should; the message names the option.</exception>
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
            Read(nameof(options.ClientCertificateFile), certificate, "a PEM certificate whose private key is in ClientKeyFile, or behind it", ReadOwn).Dispose();

            // Each connection shows what the files have then: certificates are renewed.
            tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => ReadOwn();
        }

        return tls;
    }

    /// <summary>Why a connection is not secure; null: that is not what a call failed of.</summary>
    public static string? Fault(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is AuthenticationException)
            {
                return $"No secure connection: {failure.Message.TrimEnd('.')}. Whom the client trusts is said by {nameof(ChatsClientOptions)}.{nameof(ChatsClientOptions.TrustedRootsFile)}.";
            }
        }

        return null;
    }

    private static X509Certificate2Collection ReadRoots(string path)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(path);
        return roots.Count > 0 ? roots : throw new CryptographicException("It has none.");
    }

    private static T Read<T>(string option, string path, string rule, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"{nameof(ChatsClientOptions)}.{option} is {path}; it must be {rule}. {failure.Message}", option, failure);
        }
    }
}
