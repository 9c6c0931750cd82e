namespace GenAI.Chats.Engine.Turns;

/// <summary>Log messages of the engine. They have the IDs of chats and turns, so that operators find them, but never a chat's text.</summary>
internal static partial class EngineLog
{
    /// <summary>Logs a write conflict.</summary>
    public static void Conflict(ILogger logger, ChatKey chat, string reason) => Conflict(logger, chat.ChatId, chat.Tenant, reason);

    /// <summary>Logs a defect that ended a turn.</summary>
    public static void TurnDefect(ILogger logger, ChatKey chat, string? turnId, Exception exception) => TurnDefect(logger, turnId, chat.ChatId, chat.Tenant, exception);

    /// <summary>Logs that this server runs a turn of a failed server.</summary>
    public static void TurnTakenOver(ILogger logger, ChatKey chat, string turnId, int attempt) => TurnTakenOver(logger, turnId, chat.ChatId, chat.Tenant, attempt);

    /// <summary>Logs that a turn was given up.</summary>
    public static void AttemptsExhausted(ILogger logger, ChatKey chat, string turnId, int attempts) => AttemptsExhausted(logger, turnId, chat.ChatId, chat.Tenant, attempts);

    /// <summary>Logs that a turn failed.</summary>
    public static void TurnFailed(ILogger logger, ChatKey chat, string turnId, string reason) => TurnFailed(logger, turnId, chat.ChatId, chat.Tenant, reason);

    [LoggerMessage(2, LogLevel.Debug, "Write conflict; deactivating chat {ChatId} of tenant {Tenant}: {Reason}", EventName = "Conflict")]
    private static partial void Conflict(ILogger logger, string chatId, string tenant, string reason);

    [LoggerMessage(3, LogLevel.Error, "Turn {TurnId} of chat {ChatId} of tenant {Tenant} failed with an unexpected error.", EventName = "TurnDefect")]
    private static partial void TurnDefect(ILogger logger, string? turnId, string chatId, string tenant, Exception exception);

    [LoggerMessage(
        4, LogLevel.Information, "Recovered turn {TurnId} of chat {ChatId} of tenant {Tenant} from a failed server; starting attempt {Attempt}.", EventName = "TurnTakenOver")]
    private static partial void TurnTakenOver(ILogger logger, string turnId, string chatId, string tenant, int attempt);

    [LoggerMessage(
        5, LogLevel.Warning, "Turn {TurnId} of chat {ChatId} of tenant {Tenant} failed: all {Attempts} attempts ended with a server failure.", EventName = "AttemptsExhausted")]
    private static partial void AttemptsExhausted(ILogger logger, string turnId, string chatId, string tenant, int attempts);

    [LoggerMessage(6, LogLevel.Information, "Turn {TurnId} of chat {ChatId} of tenant {Tenant} failed: {Reason}.", EventName = "TurnFailed")]
    private static partial void TurnFailed(ILogger logger, string turnId, string chatId, string tenant, string reason);
}
