namespace GenAI.Chats.Engine.Tools;

/// <summary>Log messages about tools. A tool's exception may repeat a chat's text, so it is logged only at Debug.</summary>
internal static partial class ToolLog
{
    [LoggerMessage(1, LogLevel.Warning, "Tool {Tool} failed: {Exception}.", EventName = "ToolFailed")]
    public static partial void Failed(ILogger logger, string tool, string exception);

    [LoggerMessage(2, LogLevel.Debug, "Tool {Tool} failed.", EventName = "ToolFailedWith")]
    public static partial void FailedWith(ILogger logger, string tool, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "Tool {Tool} timed out after {Timeout}.", EventName = "ToolTimedOut")]
    public static partial void TimedOut(ILogger logger, string tool, TimeSpan timeout);
}
