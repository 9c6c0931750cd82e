namespace GenAI.Chats.Grains.Quotas;

/// <summary>Log messages about tenants' quotas.</summary>
internal static partial class QuotaLog
{
    [LoggerMessage(62, LogLevel.Warning, "Tenant quota grain unreachable ({Failure}); enforcing quota locally.", EventName = "LedgerUnreachable")]
    public static partial void Unreachable(ILogger logger, string failure);

    [LoggerMessage(63, LogLevel.Warning, "Couldn't persist tenant usage; will retry.", EventName = "UsageNotKept")]
    public static partial void UsageNotSaved(ILogger logger, Exception exception);

    [LoggerMessage(64, LogLevel.Warning, "Couldn't load tenant usage; using last known values.", EventName = "UsageNotRead")]
    public static partial void UsageNotLoaded(ILogger logger, Exception exception);
}
