namespace GenAI.Chats.Silo.Storage;

/// <summary>Log messages about Redis as a store.</summary>
internal static partial class RedisLog
{
    [LoggerMessage(2211, LogLevel.Warning, "Redis has no append-only file (appendonly is no): if Redis stops, acknowledged turns since its last snapshot are lost.",
        EventName = "RedisAppendOnlyOff")]
    public static partial void AppendOnlyOff(ILogger logger);

    [LoggerMessage(2212, LogLevel.Warning, "Redis syncs its append-only file late (appendfsync is {AppendFsync}): if its machine stops, the last acknowledged turns are lost.",
        EventName = "RedisAppendOnlySyncedLate")]
    public static partial void AppendOnlySyncedLate(ILogger logger, string appendFsync);

    [LoggerMessage(2213, LogLevel.Warning, "Redis doesn't let this server read {Settings}. Expected: maxmemory-policy noeviction, appendonly yes, appendfsync always.",
        EventName = "RedisUnchecked")]
    public static partial void Unchecked(ILogger logger, string settings);
}
