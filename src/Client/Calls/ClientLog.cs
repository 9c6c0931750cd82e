using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Client.Calls;

/// <summary>What the client logs: that it tries again, which its callers do not see.</summary>
internal static partial class ClientLog
{
    [LoggerMessage(1, LogLevel.Debug, "A call ended with {Status} {Reason}; the next attempt follows in {Pause}.", EventName = "Retrying")]
    public static partial void Retrying(ILogger logger, StatusCode status, string? reason, TimeSpan pause);

    [LoggerMessage(2, LogLevel.Information, "Turn {TurnId} started over; attempt {Attempt} is compared with what was handed out.", EventName = "TurnStartedOver")]
    public static partial void TurnStartedOver(ILogger logger, string turnId, int attempt);

    [LoggerMessage(3, LogLevel.Warning, "Turn {TurnId} could not be cancelled: {Status} {Reason}. It runs on.", EventName = "CancelFailed")]
    public static partial void CancelFailed(ILogger logger, string? turnId, StatusCode status, string? reason);
}
