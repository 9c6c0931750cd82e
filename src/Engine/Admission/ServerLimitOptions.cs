namespace GenAI.Chats.Engine.Admission;

/// <summary>Limits of each server by itself: key <c>Admission:Server</c>.</summary>
public sealed record ServerLimitOptions
{
    /// <summary>
    /// How many turns may run at once. What is accepted beyond waits as QUEUED; tenants take turns, and so do the chats of a tenant. Not set: any number.
    /// </summary>
    public int? ConcurrentTurns { get; init; }

    /// <summary>How many chats may wait for a turn of theirs to start; beyond, sends are refused. Default 1,000.</summary>
    public int WaitingChats { get; init; } = 1000;

    /// <summary>
    /// From which share of the memory that the process may have (its container's, or the machine's) sends are refused, until 5 % less are in use. 1: never.
    /// Default 0.85.
    /// </summary>
    public double MemoryShare { get; init; } = 0.85;

    /// <summary>
    /// The share of that memory from which running turns with large answers fail, the largest first, so that the server survives. 1: never. Where
    /// <see cref="MemoryShare"/> is larger, that counts. Default 0.95.
    /// </summary>
    public double MaxMemoryShare { get; init; } = 0.95;
}
