namespace GenAI.Chats.Engine.Limits;

/// <summary>Limits of each server: key <c>Limits:Server</c>.</summary>
public sealed record ServerLimits
{
    /// <summary>The maximum number of running turns. Further turns are accepted and stay QUEUED until one ends. Default: unlimited.</summary>
    public int? ConcurrentTurns { get; init; }

    /// <summary>The maximum number of chats that wait to start a turn. Beyond it, the server rejects new turns. Default 1,000.</summary>
    public int MaxQueuedChats { get; init; } = 1000;

    /// <summary>
    /// The share of the memory available to the process (its container's, or the machine's) from which the server rejects new turns, until usage falls 5 %
    /// below it. 1: never. Default 0.85.
    /// </summary>
    public double MaxMemoryUtilization { get; init; } = 0.85;

    /// <summary>
    /// The share of the memory from which running turns with large responses fail, the largest first. 1: never. At least
    /// <see cref="MaxMemoryUtilization"/>. Default 0.95.
    /// </summary>
    public double CriticalMemoryUtilization { get; init; } = 0.95;
}
