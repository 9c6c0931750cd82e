using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Engine.Admission;

/// <summary>What admission logs.</summary>
internal static partial class AdmissionLog
{
    [LoggerMessage(60, LogLevel.Information, "Other limits are in force from now on (section Admission).", EventName = "LimitsChanged")]
    public static partial void Changed(ILogger logger);

    [LoggerMessage(61, LogLevel.Warning, "A change of section Admission is left aside, and the limits stay as they were: {Failure}", EventName = "LimitsChangeLeftAside")]
    public static partial void ChangeLeftAside(ILogger logger, string failure);

    [LoggerMessage(62, LogLevel.Warning, "The servers' common account of a tenant's turns cannot be reached ({Failure}); this server goes on with what it holds, and then counts by itself.", EventName = "LedgerUnreachable")]
    public static partial void LedgerUnreachable(ILogger logger, string failure);

    [LoggerMessage(63, LogLevel.Warning, "The store did not take what tenants have used; it is tried again.", EventName = "UsageNotKept")]
    public static partial void UsageNotKept(ILogger logger, Exception exception);

    [LoggerMessage(64, LogLevel.Warning, "The store did not say what a tenant has used; until it does, what is known counts.", EventName = "UsageNotRead")]
    public static partial void UsageNotRead(ILogger logger, Exception exception);

    [LoggerMessage(65, LogLevel.Warning, "{Used} of {Available} MiB of memory are in use: sends are refused (Admission:Server:MemoryShare).", EventName = "MemoryHigh")]
    public static partial void MemoryHigh(ILogger logger, long used, long available);

    [LoggerMessage(66, LogLevel.Information, "{Used} of {Available} MiB of memory are in use: sends are accepted again.", EventName = "MemoryFell")]
    public static partial void MemoryFell(ILogger logger, long used, long available);

    [LoggerMessage(68, LogLevel.Error, "{Used} of {Available} MiB of memory are in use: turns with large answers fail with RESPONSE_TOO_LARGE (Admission:Server:MaxMemoryShare).", EventName = "MemoryCritical")]
    public static partial void MemoryCritical(ILogger logger, long used, long available);

    [LoggerMessage(69, LogLevel.Warning, "Idle chats could not be removed from memory.", EventName = "ShedFailed")]
    public static partial void ShedFailed(ILogger logger, Exception exception);

    [LoggerMessage(67, LogLevel.Debug, "A send was refused: {Reason}.", EventName = "SendRefused")]
    public static partial void Refused(ILogger logger, string reason);
}
