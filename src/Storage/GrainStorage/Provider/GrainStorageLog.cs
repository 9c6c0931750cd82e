namespace GenAI.Chats.Storage.GrainStorage.Provider;

/// <summary>Log messages of the store over Orleans grain storage.</summary>
internal static partial class GrainStorageLog
{
    [LoggerMessage(2201, LogLevel.Information, "Using Orleans grain storage (server {Server}).")]
    public static partial void Opened(ILogger logger, string server);

    [LoggerMessage(2202, LogLevel.Warning, "Couldn't delete unreferenced records or refresh a chat index; will retry when the chat is next used.")]
    public static partial void GarbageFailed(ILogger logger, Exception exception);

    [LoggerMessage(2203, LogLevel.Information, "Deleted the records of server {Server}, which is gone and has no pending turns.")]
    public static partial void ServerRemoved(ILogger logger, string server);

    [LoggerMessage(2204, LogLevel.Warning, "Couldn't tell a server to stop a turn. The turn stops when it ends, at the latest.")]
    public static partial void StopNotTold(ILogger logger, Exception exception);

    [LoggerMessage(2205, LogLevel.Warning, "Couldn't remove expired chats; will retry in a few minutes.")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(2206, LogLevel.Warning, "Couldn't read the clock of the store, by which chats expire; will retry with the next heartbeat.")]
    public static partial void ClockNotRead(ILogger logger, Exception exception);
}
