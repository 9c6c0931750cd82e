namespace GenAI.Chats.Silo.Clustering;

/// <summary>Log messages of a client of a cluster.</summary>
internal static partial class ClusterLog
{
    [LoggerMessage(40, LogLevel.Information, "Connected to the cluster.", EventName = "ClusterConnected")]
    public static partial void Connected(ILogger logger);

    [LoggerMessage(41, LogLevel.Warning, "Lost the connection to all silos. This server isn't ready until it reconnects.", EventName = "ClusterLost")]
    public static partial void Lost(ILogger logger);

    [LoggerMessage(42, LogLevel.Warning, "Can't reach any silo ({Failure}); retrying.", EventName = "ClusterWaiting")]
    public static partial void Waiting(ILogger logger, string failure);

    [LoggerMessage(43, LogLevel.Debug, "Cluster request failed: {Failure}", EventName = "ClusterNoAnswer")]
    public static partial void NoAnswer(ILogger logger, string failure);
}
