using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

internal static partial class RuntimeLog
{
    [LoggerMessage(1, LogLevel.Error, "Grain {GrainId} could not be activated.", EventName = "ActivationFailed")]
    public static partial void ActivationFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(2, LogLevel.Error, "At the end of grain {GrainId}, {What} failed.", EventName = "DeactivationFailed")]
    public static partial void DeactivationFailed(ILogger logger, Exception exception, string what, GrainId grainId);

    [LoggerMessage(3, LogLevel.Warning, "A tick of a timer of grain {GrainId} failed.", EventName = "TimerFailed")]
    public static partial void TimerFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(4, LogLevel.Warning, "A one-way call to grain {GrainId} failed.", EventName = "OneWayFailed")]
    public static partial void OneWayFailed(ILogger logger, Exception exception, GrainId grainId);

    [LoggerMessage(5, LogLevel.Warning, "No response of grain {GrainId} to {Method} within {Timeout}.", EventName = "TimedOut")]
    public static partial void TimedOut(ILogger logger, GrainId grainId, string method, TimeSpan timeout);

    [LoggerMessage(6, LogLevel.Information, "Collected {Count} idle activations.", EventName = "Collected")]
    public static partial void Collected(ILogger logger, int count);

    [LoggerMessage(7, LogLevel.Warning, "The silo stops although {Count} activations have not ended.", EventName = "StoppedEarly")]
    public static partial void StoppedEarly(ILogger logger, int count);
}
