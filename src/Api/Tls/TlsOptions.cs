namespace GenAI.Chats.Api.Tls;

/// <summary>TLS for the gRPC port: the configuration section <c>Api:Tls</c>. The files may change: new connections get what is in them then.</summary>
public sealed record TlsOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Api:Tls";

    /// <summary>The server's certificate, a PEM file; those between it and its authority follow in it. Default none: no TLS.</summary>
    public string? Certificate { get; init; }

    /// <summary>The certificate's private key, a PEM file without a passphrase. Default: it is in the same file as the certificate.</summary>
    public string? Key { get; init; }

    /// <summary>The authorities of clients' certificates, a PEM file. Default none: clients are not asked for certificates.</summary>
    public string? ClientCa { get; init; }

    /// <summary>Whether clients without a certificate are turned away, where there is <see cref="ClientCa"/>. Default true.</summary>
    public bool RequireClientCertificate { get; init; } = true;
}
