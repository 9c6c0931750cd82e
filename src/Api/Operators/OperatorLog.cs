namespace GenAI.Chats.Api.Operators;

/// <summary>Log messages about calls of operators.</summary>
internal static partial class OperatorLog
{
    [LoggerMessage(330, LogLevel.Information, "Operator {Caller} called {Method} for tenant {Tenant}, chat {ChatId}, turn {TurnId}.", EventName = "OperatorCall")]
    public static partial void Called(ILogger logger, string caller, string method, string? tenant, string? chatId, string? turnId);
}
