using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Storage.Sqlite;

/// <summary>What the Sqlite store tells operators.</summary>
internal static partial class SqliteLog
{
    [LoggerMessage(3001, LogLevel.Information, "Chats are kept in {Path}, schema version {Version}.")]
    public static partial void Opened(ILogger logger, string path, long version);

    [LoggerMessage(3002, LogLevel.Information, "Brought {Path} from schema version {From} to {To}.")]
    public static partial void Upgraded(ILogger logger, string path, long from, long to);

    [LoggerMessage(3003, LogLevel.Warning, "A commit of {Steps} steps failed. The next one takes a new connection.")]
    public static partial void WriteFailed(ILogger logger, int steps, Exception exception);

    [LoggerMessage(3004, LogLevel.Warning, "A read failed. The next one takes a new connection.")]
    public static partial void ReadFailed(ILogger logger, Exception exception);

    [LoggerMessage(3005, LogLevel.Warning, "What deleted chats left behind could not be removed; it is tried again after the next commit.")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(3006, LogLevel.Warning, "A connection could not be closed cleanly. Nothing that was committed is lost.")]
    public static partial void CloseFailed(ILogger logger, Exception exception);
}
