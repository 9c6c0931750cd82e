namespace GenAI.Chats.Api.Errors;

/// <summary>What the front door logs of calls that fail.</summary>
internal static partial class ErrorLog
{
    [LoggerMessage(100, LogLevel.Error, "A call of {Method} failed for a reason that is a defect of this server.", EventName = "CallFailed")]
    public static partial void CallFailed(ILogger logger, string method, Exception exception);

    [LoggerMessage(101, LogLevel.Debug, "The frames of a call were malformed: {Fault}", EventName = "MalformedFrame")]
    public static partial void MalformedFrame(ILogger logger, string fault);
}
