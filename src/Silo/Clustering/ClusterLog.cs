using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>What a client of a cluster logs.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(40, LogLevel.Information, "Connected to the cluster.", EventName = "ClusterConnected")]
    public static partial void Connected(ILogger logger);

    [LoggerMessage(41, LogLevel.Warning, "No silo of the cluster is connected. This server is not ready until one is.", EventName = "ClusterLost")]
    public static partial void Lost(ILogger logger);

    [LoggerMessage(42, LogLevel.Warning, "No silo of the cluster could be found or reached yet ({Failure}). It is tried again.", EventName = "ClusterWaiting")]
    public static partial void Waiting(ILogger logger, string failure);

    [LoggerMessage(43, LogLevel.Debug, "The cluster does not answer: {Failure}", EventName = "ClusterNoAnswer")]
    public static partial void NoAnswer(ILogger logger, string failure);
}
