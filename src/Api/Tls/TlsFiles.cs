using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace GenAI.Chats.Api.Tls;

/// <summary>The content of the files that <see cref="TlsOptions"/> name.</summary>
/// <param name="Certificate">The server's certificate, with the intermediate certificates.</param>
/// <param name="ClientCa">The CAs of clients' certificates. If null, the server requests no client certificates.</param>
internal sealed record TlsFiles(SslStreamCertificateContext Certificate, X509Certificate2Collection? ClientCa)
{
    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">A file can't be read, or doesn't match the other ones. The message names its key.</exception>
    public static TlsFiles Read(TlsOptions options) => new(
        Read(nameof(options.Certificate), options.Certificate!, "a PEM certificate with its private key in Api:Tls:Key or in the same file", path => ReadServer(path, options.Key)),
        options.ClientCa is { } ca ? Read(nameof(options.ClientCa), ca, "a PEM file with certificates", ReadCas) : null);

    private static SslStreamCertificateContext ReadServer(string path, string? keyPath)
    {
        var certificate = X509Certificate2.CreateFromPemFile(path, keyPath ?? path);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(path);

        // Nothing is downloaded: the file contains the certificates that clients need.
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    private static X509Certificate2Collection ReadCas(string path)
    {
        var cas = new X509Certificate2Collection();
        cas.ImportFromPemFile(path);
        return cas.Count > 0 ? cas : throw new InvalidDataException("The file contains no certificates.");
    }

    private static T Read<T>(string setting, string path, string rule, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
        {
            throw new InvalidDataException($"{SettingsCheck.Describe(TlsOptionsValidator.Key(setting), path, rule)} {failure.Message}");
        }
    }
}
