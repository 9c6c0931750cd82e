namespace GenAI.Chats.Api.Files;

/// <summary>What is logged of files that change.</summary>
internal static partial class ReloadLog
{
    [LoggerMessage(340, LogLevel.Error, "{What} could not look at its files for a reason that is a defect of this server.", EventName = "ReloadFailed")]
    public static partial void Failed(ILogger logger, string what, Exception exception);
}
