namespace GenAI.Chats.Engine.Admission;

/// <summary>Limits of a tenant, all servers together. Not set: as for all tenants, and there: any number. -1: any number. 0: none.</summary>
public sealed record TenantLimitOptions
{
    /// <summary>How many turns may be accepted and not ended, those that wait for others included.</summary>
    public long? ConcurrentTurns { get; init; }

    /// <summary>
    /// How many turns may be accepted a minute. A tenant that has been idle may send as many at once, and goes on at the rate of as many a minute.
    /// </summary>
    public long? TurnsPerMinute { get; init; }

    /// <summary>After how many tokens no more turns are accepted on a day, in UTC. Turns that were accepted before run to their end, and count.</summary>
    public long? TokensPerDay { get; init; }

    /// <summary>How many chats there may be. Default for all tenants: 10,000,000.</summary>
    public long? Chats { get; init; }

    /// <summary>How many bytes the histories of all chats may have together, as protobuf has them. Turns that were accepted before are recorded beyond it.</summary>
    public long? StoredBytes { get; init; }
}
