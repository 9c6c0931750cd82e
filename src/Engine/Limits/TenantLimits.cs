namespace GenAI.Chats.Engine.Limits;

/// <summary>
/// Limits of a tenant, all servers of the cluster together. If a key isn't set, <see cref="LimitsOptions.Default"/> applies, and there it means unlimited.
/// -1: unlimited.
/// </summary>
public sealed record TenantLimits
{
    /// <summary>The value that means unlimited in the configuration.</summary>
    internal const long Unlimited = -1;

    /// <summary>The maximum number of turns that are queued or running.</summary>
    public long? ConcurrentTurns { get; init; }

    /// <summary>The maximum number of turns accepted per minute. A tenant that was idle may send as many at once.</summary>
    public long? TurnsPerMinute { get; init; }

    /// <summary>The number of tokens per day (UTC) after which no more turns are accepted. Turns accepted earlier run to their end, and count.</summary>
    public long? TokensPerDay { get; init; }

    /// <summary>The maximum number of chats. Default for all tenants: 10,000,000.</summary>
    public long? Chats { get; init; }

    /// <summary>The maximum size of all chats together, in bytes of protobuf. Turns accepted earlier are recorded even if they exceed it.</summary>
    public long? StoredBytes { get; init; }

    /// <summary>Indicates whether servers must share one of the limits. The store enforces <see cref="Chats"/>.</summary>
    internal bool AreShared => (ConcurrentTurns ?? TurnsPerMinute ?? TokensPerDay ?? StoredBytes) is not null;

    /// <summary>Returns these limits with defaults for keys that aren't set. In the result, null means unlimited.</summary>
    internal TenantLimits WithDefaults(TenantLimits defaults) => new()
    {
        ConcurrentTurns = Effective(ConcurrentTurns ?? defaults.ConcurrentTurns),
        TurnsPerMinute = Effective(TurnsPerMinute ?? defaults.TurnsPerMinute),
        TokensPerDay = Effective(TokensPerDay ?? defaults.TokensPerDay),
        Chats = Effective(Chats ?? defaults.Chats),
        StoredBytes = Effective(StoredBytes ?? defaults.StoredBytes),
    };

    private static long? Effective(long? limit) => limit == Unlimited ? null : limit;
}
