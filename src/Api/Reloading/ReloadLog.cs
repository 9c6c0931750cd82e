namespace GenAI.Chats.Api.Reloading;

/// <summary>Log messages about files that change.</summary>
internal static partial class ReloadLog
{
    [LoggerMessage(340, LogLevel.Error, "Unexpected error while checking files for {What}.", EventName = "ReloadFailed")]
    public static partial void Failed(ILogger logger, string what, Exception exception);
}
