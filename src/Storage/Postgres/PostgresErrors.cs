using GenAI.Chats.Engine.Storage;
using Google.Protobuf;
using Npgsql;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>Says in the store's words what went wrong in Postgres, and what may be tried again.</summary>
internal static class PostgresErrors
{
    /// <summary>Whether trying again can help and cannot do twice what was asked.</summary>
    public static bool CanRetry(Exception exception, bool mayHaveCommitted) => exception switch
    {
        // The server says that it took the transaction back, even where the commit was asked for.
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } => true,

        // A pooled connection may be one that a server that was restarted does not know.
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } => !mayHaveCommitted,
        NpgsqlException { InnerException: not TimeoutException, IsTransient: true } => !mayHaveCommitted,
        _ => false,
    };

    /// <summary>A new exception, as each caller gets its own.</summary>
    /// <param name="exception">What Postgres, or its client, threw.</param>
    /// <param name="isRead">Whether it was a read. The outcome of a step would be unknown.</param>
    public static ChatStoreException Translate(Exception exception, bool isRead = false) => new(
        exception switch
        {
            PostgresException postgres => Describe(postgres.SqlState),
            NpgsqlException { InnerException: TimeoutException } => "The store's server did not answer in time.",
            NpgsqlException => "The store's server cannot be reached.",
            ObjectDisposedException => "The store is closed.",
            InvalidProtocolBufferException => "A record in the store's database is damaged.",
            ChatStoreException store => store.Message,
            _ => "The store failed.",
        },
        exception)
    {
        Damage = exception switch
        {
            PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted } => StoreDamage.Database,
            InvalidProtocolBufferException => StoreDamage.Record,
            _ => StoreDamage.None,
        },
        IsReadTimeout = isRead && exception is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled },
    };

    private static string Describe(string state) => state switch
    {
        PostgresErrorCodes.DiskFull => "The store's disk is full.",
        PostgresErrorCodes.TooManyConnections => "The store's server has no connection left.",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow =>
            "The store's server is stopping or starting.",
        PostgresErrorCodes.QueryCanceled => "The store's server did not answer in time.",
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "The store's server refuses the user or the password.",
        PostgresErrorCodes.InvalidCatalogName => "The store's server does not have the database.",
        PostgresErrorCodes.InsufficientPrivilege => "The user may not do in the store's database what the store needs.",
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted =>
            $"The store's database is damaged (SQLSTATE {state}). Stop the servers, and repair the database, or restore it from a backup.",
        PostgresErrorCodes.ReadOnlySqlTransaction => "The store's server takes no writes.",
        _ => $"The store's server failed with SQLSTATE {state}.",
    };
}
