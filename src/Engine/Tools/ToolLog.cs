using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Engine.Tools;

/// <summary>What is logged of tools. Their exceptions, which may repeat what a chat said, only at Debug.</summary>
internal static partial class ToolLog
{
    [LoggerMessage(1, LogLevel.Warning, "The tool {Tool} failed: {Exception}.", EventName = "ToolFailed")]
    public static partial void Failed(ILogger logger, string tool, string exception);

    [LoggerMessage(2, LogLevel.Debug, "The tool {Tool} failed.", EventName = "ToolFailedWith")]
    public static partial void FailedWith(ILogger logger, string tool, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "The tool {Tool} did not answer within {Timeout}.", EventName = "ToolTimedOut")]
    public static partial void TimedOut(ILogger logger, string tool, TimeSpan timeout);
}
