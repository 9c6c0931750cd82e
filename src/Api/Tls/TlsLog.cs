namespace GenAI.Chats.Api.Tls;

/// <summary>What is logged of certificates.</summary>
internal static partial class TlsLog
{
    [LoggerMessage(320, LogLevel.Information, "New connections get the certificate of {Subject}, which is good until {Until:u}.", EventName = "CertificateTaken")]
    public static partial void Taken(ILogger logger, string subject, DateTime until);

    [LoggerMessage(321, LogLevel.Warning, "The TLS files have changed, and cannot be taken; what was in them before stays in force. {Why}", EventName = "CertificateKept")]
    public static partial void Kept(ILogger logger, string why);
}
