using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Storage.Postgres;

/// <summary>What the Postgres store tells operators.</summary>
internal static partial class PostgresLog
{
    [LoggerMessage(3101, LogLevel.Information, "Chats are kept in the Postgres database {Database}, schema version {Version}.")]
    public static partial void Opened(ILogger logger, string database, long version);

    [LoggerMessage(3102, LogLevel.Information, "Brought the Postgres database {Database} from schema version {From} to {To}.")]
    public static partial void Upgraded(ILogger logger, string database, long from, long to);

    [LoggerMessage(3103, LogLevel.Warning, "A step failed. Whether it was done is unknown.")]
    public static partial void StepFailed(ILogger logger, Exception exception);

    [LoggerMessage(3104, LogLevel.Warning, "A read failed.")]
    public static partial void ReadFailed(ILogger logger, Exception exception);

    [LoggerMessage(3105, LogLevel.Warning, "What deleted chats left behind could not be removed; it is tried again after the next deletion.")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(3106, LogLevel.Debug, "Tries again what failed before anything was committed.")]
    public static partial void Retried(ILogger logger, Exception exception);

    [LoggerMessage(3107, LogLevel.Warning,
        "The Postgres setting {Setting} is {Value}: when the server crashes, turns that were acknowledged may be lost.")]
    public static partial void NotDurable(ILogger logger, string setting, string value);
}
