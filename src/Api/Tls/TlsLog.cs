namespace GenAI.Chats.Api.Tls;

/// <summary>Log messages about certificates.</summary>
internal static partial class TlsLog
{
    [LoggerMessage(320, LogLevel.Information, "Loaded TLS certificate {Subject}, valid until {Until:u}.", EventName = "CertificateTaken")]
    public static partial void CertificateLoaded(ILogger logger, string subject, DateTime until);

    [LoggerMessage(321, LogLevel.Warning, "Couldn't reload TLS files; keeping the previous certificates. {Why}", EventName = "CertificateKept")]
    public static partial void CertificateKept(ILogger logger, string why);
}
