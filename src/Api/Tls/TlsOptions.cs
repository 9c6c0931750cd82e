namespace GenAI.Chats.Api.Tls;

/// <summary>TLS for the gRPC port and the web port: the configuration section <c>Api:Tls</c>. If the files change, new connections use the new content.</summary>
public sealed record TlsOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Api:Tls";

    /// <summary>Gets a PEM file with the server's certificate, followed by the intermediate certificates. Default: not set; TLS is disabled.</summary>
    public string? Certificate { get; init; }

    /// <summary>Gets a PEM file with the certificate's private key, without a passphrase. Default: the file of the certificate.</summary>
    public string? Key { get; init; }

    /// <summary>Gets a PEM file with the CAs of clients' certificates. Default: not set; the server requests no client certificates.</summary>
    public string? ClientCa { get; init; }

    /// <summary>Gets whether the server rejects clients without a certificate, if <see cref="ClientCa"/> is set. Default true.</summary>
    public bool RequireClientCertificate { get; init; } = true;
}
