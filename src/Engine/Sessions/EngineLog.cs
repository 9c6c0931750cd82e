using GenAI.Chats.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>What the engine logs. Never a chat's text, and below Information no name of a chat or a turn either.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Warning, "The store failed. Chats that were writing read again.", EventName = "StoreFailed")]
    public static partial void StoreFailed(ILogger logger, ChatStoreException exception);

    [LoggerMessage(2, LogLevel.Debug, "A chat was written elsewhere: {Reason}", EventName = "Conflict")]
    public static partial void Conflict(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Error, "A turn failed for a reason that is a defect of this server.", EventName = "TurnDefect")]
    public static partial void TurnDefect(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Information, "A turn whose server is gone is run again: attempt {Attempt}.", EventName = "TurnTakenOver")]
    public static partial void TurnTakenOver(ILogger logger, int attempt);

    [LoggerMessage(5, LogLevel.Warning, "A turn was given up after {Attempts} attempts, whose servers are all gone.", EventName = "AttemptsExhausted")]
    public static partial void AttemptsExhausted(ILogger logger, int attempts);
}
