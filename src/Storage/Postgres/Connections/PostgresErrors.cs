using System.Net.Sockets;
using System.Security.Authentication;

namespace GenAI.Chats.Storage.Postgres.Connections;

/// <summary>Describes failures of PostgreSQL for operators, without secrets, and decides what can be retried.</summary>
public static class PostgresErrors
{
    private const string TimedOut = "Postgres: the server didn't respond in time.";

    /// <summary>Indicates whether a retry can help and can't apply a step twice.</summary>
    internal static bool CanRetry(Exception exception, bool mayHaveCommitted) => exception switch
    {
        // The server reports that it rolled the transaction back, even if the commit was sent.
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } => true,

        // A pooled connection might be one to a server that was restarted since.
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } => !mayHaveCommitted,
        NpgsqlException { InnerException: not TimeoutException, IsTransient: true } => !mayHaveCommitted,
        _ => false,
    };

    /// <summary>Indicates whether the server reports that a statement failed, so that it rolled the transaction back, even if the commit was sent.</summary>
    internal static bool IsRolledBack(PostgresException exception) => exception.InvariantSeverity == "ERROR";

    /// <summary>Describes a failure of PostgreSQL, or of its client library.</summary>
    public static string Describe(Exception failure) => failure switch
    {
        PostgresException postgres => Describe(postgres.SqlState),
        NpgsqlException { InnerException: TimeoutException } => TimedOut,
        NpgsqlException { InnerException: var cause } => Cause(cause) is { } text ? $"Postgres: can't connect to the server: {text}." : "Postgres: can't connect to the server.",
        ObjectDisposedException => "The store is closed.",
        InvalidProtocolBufferException => "A record in the database is damaged.",
        ChatStoreException store => store.Message,
        _ => "The store failed.",
    };

    /// <summary>Creates a new exception for each caller.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="isRead">Whether a read failed. The outcome of a step would be unknown.</param>
    internal static ChatStoreException Translate(Exception exception, bool isRead = false) => new(Describe(exception), exception)
    {
        Damage = exception switch
        {
            PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted } => StoreDamage.Database,
            InvalidProtocolBufferException => StoreDamage.Record,
            _ => StoreDamage.None,
        },
        IsReadTimeout = isRead && exception is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled },
    };

    private static string? Cause(Exception? failure) => failure switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "the connection was refused",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "the host name can't be resolved (DNS)",
        SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable } => "the host can't be reached",
        AuthenticationException => "the TLS handshake failed",
        _ => null,
    };

    private static string Describe(string state) => state switch
    {
        PostgresErrorCodes.DiskFull => "Postgres: the disk of the server is full.",
        PostgresErrorCodes.TooManyConnections => "Postgres: too many connections.",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow =>
            "Postgres: the server is starting or shutting down.",
        PostgresErrorCodes.QueryCanceled => TimedOut,
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "Postgres: authentication failed.",
        PostgresErrorCodes.InvalidCatalogName => "Postgres: database doesn't exist.",
        PostgresErrorCodes.InsufficientPrivilege => "Postgres: insufficient privileges.",
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted =>
            $"Postgres: the database is damaged (SQLSTATE {state}). Stop the servers, and repair the database or restore it from a backup.",
        PostgresErrorCodes.ReadOnlySqlTransaction => "Postgres: server is read-only.",
        _ => $"Postgres: the server failed with SQLSTATE {state}.",
    };
}
