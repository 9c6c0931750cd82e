using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GenAI.Chats.Api.Tls;

/// <summary>What the files of <see cref="TlsOptions"/> hold.</summary>
/// <param name="Certificate">The server's certificate, with those between it and its authority.</param>
/// <param name="ClientCa">The authorities of clients' certificates; null: clients are not asked for certificates.</param>
internal sealed record TlsFiles(SslStreamCertificateContext Certificate, X509Certificate2Collection? ClientCa)
{
    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">One cannot be read, or does not fit the others; the message names its key.</exception>
    public static TlsFiles Read(TlsOptions options) => new(
        Read(nameof(options.Certificate), options.Certificate!, "a PEM certificate whose private key is in Api:Tls:Key, or behind it", path => ReadServer(path, options.Key)),
        options.ClientCa is { } ca ? Read(nameof(options.ClientCa), ca, "a PEM file with certificates", ReadAuthorities) : null);

    private static SslStreamCertificateContext ReadServer(string path, string? keyPath)
    {
        var certificate = X509Certificate2.CreateFromPemFile(path, keyPath ?? path);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(path);

        // Nothing is fetched: what clients need stands in the file.
        return SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    private static X509Certificate2Collection ReadAuthorities(string path)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(path);
        return authorities.Count > 0 ? authorities : throw new InvalidDataException("It has none.");
    }

    private static T Read<T>(string setting, string path, string rule, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception failure) when (failure is CryptographicException or IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException)
        {
            throw new InvalidDataException($"{TlsOptionsValidator.Key(setting)} is {path}; it must be {rule}. {failure.Message}");
        }
    }
}
