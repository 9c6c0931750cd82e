using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Grains.Hosting;

/// <summary>What the silo's own services log.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(20, LogLevel.Warning, "The store did not take this server's beat; if that lasts, others take over its turns.", EventName = "BeatFailed")]
    public static partial void BeatFailed(ILogger logger, Exception exception);

    [LoggerMessage(21, LogLevel.Warning, "The store did not take this server's leave; its turns are taken over once its last beat is old.", EventName = "LeaveFailed")]
    public static partial void LeaveFailed(ILogger logger, Exception exception);

    [LoggerMessage(22, LogLevel.Warning, "The store could not be searched for turns that nobody runs.", EventName = "SweepFailed")]
    public static partial void SweepFailed(ILogger logger, Exception exception);

    [LoggerMessage(23, LogLevel.Debug, "A chat with a turn that nobody runs could not be woken ({Failure}); the next sweep tries again.", EventName = "WakeFailed")]
    public static partial void WakeFailed(ILogger logger, string failure);

    [LoggerMessage(24, LogLevel.Warning, "The time to drain is over (Chats:DrainTimeout): turns that still run are left to other servers.", EventName = "DrainOver")]
    public static partial void DrainOver(ILogger logger);
}
