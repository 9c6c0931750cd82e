namespace GenAI.Chats.Engine.Turns;

/// <summary>Log messages of the engine. They never contain a chat's text, and below Information no name of a chat or a turn either.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(2, LogLevel.Debug, "Write conflict; deactivating chat: {Reason}", EventName = "Conflict")]
    public static partial void Conflict(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Error, "Turn failed with an unexpected error.", EventName = "TurnDefect")]
    public static partial void TurnDefect(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Information, "Recovered turn from a failed server; starting attempt {Attempt}.", EventName = "TurnTakenOver")]
    public static partial void TurnTakenOver(ILogger logger, int attempt);

    [LoggerMessage(5, LogLevel.Warning, "Turn failed: all {Attempts} attempts ended with a server failure.", EventName = "AttemptsExhausted")]
    public static partial void AttemptsExhausted(ILogger logger, int attempts);
}
