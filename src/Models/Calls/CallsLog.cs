using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Models.Calls;

/// <summary>What becomes of calls. Never what was said, by the model's API in an error neither; no key, no address.</summary>
internal static partial class CallsLog
{
    /// <summary>The category of these events.</summary>
    public const string Category = "GenAI.Chats.Models.Calls";

    [LoggerMessage(
        1, LogLevel.Information, "Route {Route}: attempt {Attempt} failed ({Reason}); the next one in {Delay}.", EventName = "Retrying")]
    public static partial void Retrying(ILogger logger, string route, int attempt, string reason, TimeSpan delay);

    [LoggerMessage(2, LogLevel.Information, "Route {Route}: {Failed} failed ({Reason}), {Next} is tried.", EventName = "FailedOver")]
    public static partial void FailedOver(ILogger logger, string route, string failed, string next, string reason);

    [LoggerMessage(
        3, LogLevel.Information, "Route {Route}: {Provider} refuses more calls; they are held back for {Delay}.", EventName = "HeldBack")]
    public static partial void HeldBack(ILogger logger, string route, string provider, TimeSpan delay);

    [LoggerMessage(
        4, LogLevel.Warning, "Route {Route}: {Provider} fails often, and is left alone for {Delay}.", EventName = "BreakerOpened")]
    public static partial void BreakerOpened(ILogger logger, string route, string provider, TimeSpan delay);

    [LoggerMessage(5, LogLevel.Information, "Route {Route}: {Provider} is called again.", EventName = "BreakerClosed")]
    public static partial void BreakerClosed(ILogger logger, string route, string provider);

    [LoggerMessage(
        6,
        LogLevel.Information,
        "Route {Route}: the answer was empty, and is asked for again. It took {Tokens} tokens.",
        EventName = "EmptyAnswer")]
    public static partial void EmptyAnswer(ILogger logger, string route, int tokens);

    [LoggerMessage(7, LogLevel.Information, "Route {Route}: {Provider} can't be used ({Reason}): {Cause}.", EventName = "Unusable")]
    public static partial void Unusable(ILogger logger, string route, string provider, string reason, string cause);
}
