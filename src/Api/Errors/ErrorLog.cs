namespace GenAI.Chats.Api.Errors;

/// <summary>Log messages about failed calls.</summary>
internal static partial class ErrorLog
{
    [LoggerMessage(100, LogLevel.Error, "Unhandled exception in {Method}.", EventName = "CallFailed")]
    public static partial void CallFailed(ILogger logger, string method, Exception exception);

    [LoggerMessage(101, LogLevel.Debug, "Malformed request body: {Fault}", EventName = "MalformedFrame")]
    private static partial void MalformedFrame(ILogger logger, string fault);

    /// <summary>Logs a malformed request body, and returns its status.</summary>
    public static RpcException Logged(ILogger logger, RpcException fault)
    {
        MalformedFrame(logger, fault.Status.Detail);
        return fault;
    }
}
