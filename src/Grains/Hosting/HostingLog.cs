namespace GenAI.Chats.Grains.Hosting;

/// <summary>Log messages of the silo's hosted services.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(20, LogLevel.Warning, "Heartbeat write failed. If this persists, other servers take over this server's turns.", EventName = "BeatFailed")]
    public static partial void HeartbeatFailed(ILogger logger, Exception exception);

    [LoggerMessage(21, LogLevel.Warning, "Couldn't deregister from the store; turns are recovered after the heartbeat expires.", EventName = "LeaveFailed")]
    public static partial void LeaveFailed(ILogger logger, Exception exception);

    [LoggerMessage(22, LogLevel.Warning, "Orphaned-turn scan failed.", EventName = "SweepFailed")]
    public static partial void RecoveryFailed(ILogger logger, Exception exception);

    [LoggerMessage(23, LogLevel.Debug, "Couldn't activate chat with an orphaned turn ({Failure}); will retry on the next scan.", EventName = "WakeFailed")]
    public static partial void WakeFailed(ILogger logger, string failure);

    [LoggerMessage(24, LogLevel.Warning, "Drain timeout ({Timeout}) elapsed; handing {Count} running turns to other servers.", EventName = "DrainOver")]
    public static partial void DrainOver(ILogger logger, TimeSpan timeout, int count);
}
