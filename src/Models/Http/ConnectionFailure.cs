using System.Net.Sockets;
using System.Security.Authentication;

namespace GenAI.Chats.Models.Http;

/// <summary>Explains failed connections in this service's own words: an exception's message can contain what only the operator may see.</summary>
internal static class ConnectionFailure
{
    /// <summary>Creates an UNAVAILABLE failure that includes the cause if it is known.</summary>
    /// <param name="message">What failed, without a final period.</param>
    /// <param name="failure">The exception, or null if there is none.</param>
    /// <param name="isInner">Whether the exception may be logged, as the inner exception.</param>
    public static ModelException Unavailable(string message, Exception? failure, bool isInner = true)
    {
        var cause = CauseOf(failure);
        return new ModelException(
            ModelErrorReasons.Unavailable, cause is null ? $"{message}." : $"{message}: {cause}.", isInner ? failure : null)
        {
            Cause = cause,
        };
    }

    private static string? CauseOf(Exception? failure) =>
        failure is null ? null : Describe(failure) ?? CauseOf(failure.InnerException);

    private static string? Describe(Exception failure) => failure switch
    {
        AggregateException { InnerExceptions.Count: > 1 } several => several.InnerExceptions.Select(CauseOf).FirstOrDefault(cause => cause is not null),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "the host name can't be resolved (DNS)",
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => "the proxy refused the connection",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: not AuthenticationException } =>
            "the TLS handshake failed",
        AuthenticationException tls => tls.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase)
            ? "the TLS certificate isn't trusted"
            : "the TLS handshake failed",
        SocketException socket => Describe(socket.SocketErrorCode),
        HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } => "the connection was closed before the response ended",
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => "the response isn't HTTP",
        _ => null,
    };

    private static string? Describe(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "the connection was refused",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "the host name can't be resolved (DNS)",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown => "the host can't be reached",
        SocketError.TimedOut => "the connection timed out",
        SocketError.ConnectionReset or SocketError.ConnectionAborted => "the connection was reset",
        _ => null,
    };
}
