using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Models.Calls;

/// <summary>Log events of model calls. They have the ID of the chat, if there is one. They contain no content, keys, or addresses, and no error messages of model APIs.</summary>
internal static partial class CallsLog
{
    /// <summary>The log category.</summary>
    public const string Category = "GenAI.Chats.Models.Calls";

    [LoggerMessage(1, LogLevel.Information, "Route {Route}: attempt {Attempt} failed ({Reason}); retrying in {Delay}. Chat: {ChatId}.", EventName = "Retrying")]
    public static partial void Retrying(ILogger logger, string route, int attempt, string reason, TimeSpan delay, string? chatId);

    [LoggerMessage(2, LogLevel.Information, "Route {Route}: failing over from {Failed} to {Next} ({Reason}). Chat: {ChatId}.", EventName = "FailedOver")]
    public static partial void FailedOver(ILogger logger, string route, string failed, string next, string reason, string? chatId);

    [LoggerMessage(3, LogLevel.Information, "Route {Route}: {Provider} throttled; delaying calls for {Delay}.", EventName = "HeldBack")]
    public static partial void Throttled(ILogger logger, string route, string provider, TimeSpan delay);

    [LoggerMessage(4, LogLevel.Warning, "Route {Route}: {Provider} circuit breaker opened for {Delay}.", EventName = "BreakerOpened")]
    public static partial void BreakerOpened(ILogger logger, string route, string provider, TimeSpan delay);

    [LoggerMessage(5, LogLevel.Information, "Route {Route}: {Provider} circuit breaker closed.", EventName = "BreakerClosed")]
    public static partial void BreakerClosed(ILogger logger, string route, string provider);

    [LoggerMessage(6, LogLevel.Information, "Route {Route}: empty response ({Tokens} tokens); retrying. Chat: {ChatId}.", EventName = "EmptyAnswer")]
    public static partial void EmptyResponse(ILogger logger, string route, int tokens, string? chatId);

    [LoggerMessage(7, LogLevel.Information, "Route {Route}: {Provider} can't be used ({Reason}): {Cause}. Chat: {ChatId}.", EventName = "Unusable")]
    public static partial void Unusable(ILogger logger, string route, string provider, string reason, string cause, string? chatId);
}
