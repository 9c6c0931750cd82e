namespace GenAI.Chats.Storage.Postgres.Connections;

/// <summary>Log messages of the PostgreSQL store.</summary>
internal static partial class PostgresLog
{
    [LoggerMessage(3101, LogLevel.Information, "Using PostgreSQL database {Database} (schema version {Version}).")]
    public static partial void Opened(ILogger logger, string database, long version);

    [LoggerMessage(3102, LogLevel.Information, "Migrated PostgreSQL database {Database} from schema version {From} to {To}.")]
    public static partial void Upgraded(ILogger logger, string database, long from, long to);

    [LoggerMessage(3103, LogLevel.Warning, "Commit failed; its outcome is unknown.")]
    public static partial void StepFailed(ILogger logger, Exception exception);

    [LoggerMessage(3104, LogLevel.Warning, "Read failed.")]
    public static partial void ReadFailed(ILogger logger, Exception exception);

    [LoggerMessage(3105, LogLevel.Warning, "Couldn't purge deleted chats; will retry after the next deletion.")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(3106, LogLevel.Debug, "Retrying after a failure before the commit.")]
    public static partial void Retried(ILogger logger, Exception exception);

    [LoggerMessage(3107, LogLevel.Warning, "PostgreSQL setting {Setting} is {Value}: acknowledged turns can be lost if the database server crashes.")]
    public static partial void NotDurable(ILogger logger, string setting, string value);
}
