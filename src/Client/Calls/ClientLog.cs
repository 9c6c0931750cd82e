namespace GenAI.Chats.Client;

/// <summary>The client's log messages: retries and restarts, which callers don't see.</summary>
internal static partial class ClientLog
{
    [LoggerMessage(1, LogLevel.Debug, "Call failed with {Status} ({Reason}); retrying in {Pause}.", EventName = "Retrying")]
    public static partial void Retrying(ILogger logger, StatusCode status, string? reason, TimeSpan pause);

    [LoggerMessage(2, LogLevel.Information, "Turn {TurnId} restarted; following attempt {Attempt}.", EventName = "TurnRestarted")]
    public static partial void TurnRestarted(ILogger logger, string turnId, int attempt);

    [LoggerMessage(3, LogLevel.Warning, "Couldn't cancel turn {TurnId}: {Status} ({Reason}). The turn keeps running.", EventName = "CancelFailed")]
    public static partial void CancelFailed(ILogger logger, string? turnId, StatusCode status, string? reason);
}
