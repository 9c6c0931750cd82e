namespace GenAI.Chats.Engine.Limits;

/// <summary>Log messages about limits and memory.</summary>
public static partial class LimitsLog
{
    [LoggerMessage(60, LogLevel.Information, "Limits reloaded from configuration (section Limits).", EventName = "LimitsChanged")]
    internal static partial void Changed(ILogger logger);

    [LoggerMessage(61, LogLevel.Warning, "Ignored invalid limits configuration; keeping current limits: {Failure}", EventName = "LimitsChangeLeftAside")]
    internal static partial void ChangeIgnored(ILogger logger, string failure);

    [LoggerMessage(65, LogLevel.Warning, "Memory usage {Used}/{Available} MiB above limit; rejecting new turns (Limits:Server:MaxMemoryUtilization).", EventName = "MemoryHigh")]
    internal static partial void MemoryHigh(ILogger logger, long used, long available);

    [LoggerMessage(66, LogLevel.Information, "Memory usage {Used}/{Available} MiB below limit; accepting turns.", EventName = "MemoryFell")]
    internal static partial void MemoryFell(ILogger logger, long used, long available);

    [LoggerMessage(68, LogLevel.Error, "Memory usage {Used}/{Available} MiB critical; turns with large responses fail (Limits:Server:CriticalMemoryUtilization).", EventName = "MemoryCritical")]
    internal static partial void MemoryCritical(ILogger logger, long used, long available);

    [LoggerMessage(69, LogLevel.Warning, "Couldn't deactivate idle chats.", EventName = "ShedFailed")]
    internal static partial void ShedFailed(ILogger logger, Exception exception);

    /// <summary>Logs a rejected request, and returns the error.</summary>
    public static ChatException Rejected(ILogger logger, ChatException rejection)
    {
        Rejected(logger, rejection.Reason);
        return rejection;
    }

    [LoggerMessage(67, LogLevel.Debug, "Send rejected: {Reason}.", EventName = "SendRefused")]
    private static partial void Rejected(ILogger logger, string reason);
}
