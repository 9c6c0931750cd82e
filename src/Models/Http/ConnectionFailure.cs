using System.Net.Sockets;
using System.Security.Authentication;

namespace GenAI.Chats.Models.Http;

/// <summary>Why a connection failed, in words of this service's own: an exception's text may name what only the operator may see.</summary>
internal static class ConnectionFailure
{
    /// <summary>The cause; null where it isn't known.</summary>
    public static string? CauseOf(Exception? failure)
    {
        for (var known = failure; known is not null; known = known.InnerException)
        {
            if (Describe(known) is { } cause)
            {
                return cause;
            }
        }

        return null;
    }

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
