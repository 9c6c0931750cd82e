namespace GenAI.Chats.Storage.Sqlite;

/// <summary>Log messages of the SQLite store.</summary>
internal static partial class SqliteLog
{
    [LoggerMessage(3001, LogLevel.Information, "Using SQLite database {Path} (schema version {Version}).")]
    public static partial void Opened(ILogger logger, string path, long version);

    [LoggerMessage(3002, LogLevel.Information, "Migrated {Path} from schema version {From} to {To}.")]
    public static partial void Upgraded(ILogger logger, string path, long from, long to);

    [LoggerMessage(3003, LogLevel.Warning, "Commit of {Steps} operations failed; reopening the connection.")]
    public static partial void WriteFailed(ILogger logger, int steps, Exception exception);

    [LoggerMessage(3004, LogLevel.Warning, "Read failed; reopening the connection.")]
    public static partial void ReadFailed(ILogger logger, Exception exception);

    [LoggerMessage(3005, LogLevel.Warning, "Couldn't purge deleted chats; will retry after the next commit.")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(3006, LogLevel.Warning, "Couldn't close a connection cleanly. Committed data isn't affected.")]
    public static partial void CloseFailed(ILogger logger, Exception exception);
}
