namespace GenAI.Chats.Engine.Limits;

/// <summary>
/// The configuration section <c>Limits</c>. Changes apply while the server runs. If a changed section is invalid, the server logs a warning and keeps the
/// previous limits.
/// </summary>
public sealed record LimitsOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string SectionName = "Limits";

    /// <summary>Limits of each server.</summary>
    public ServerLimits Server { get; init; } = new();

    /// <summary>Limits of each tenant, all servers of the cluster together.</summary>
    public TenantLimits Default { get; init; } = new() { Chats = 10_000_000 };

    /// <summary>Limits of single tenants, by name (case-insensitive). They override <see cref="Default"/> key by key.</summary>
    public Dictionary<string, TenantLimits> Tenants { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns the limits of a tenant. In the result, null means unlimited.</summary>
    public TenantLimits Of(string tenant) => (Tenants.GetValueOrDefault(tenant) ?? Default).WithDefaults(Default);
}

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

    /// <summary>The <c>ttl</c> of chats that are created without <c>ttl</c> and <c>expire_time</c>. 0: they don't expire, unless <see cref="MaxTtl"/> is set.</summary>
    public TimeSpan? DefaultTtl { get; init; }

    /// <summary>The maximum <c>ttl</c> of a chat, and the maximum time until its <c>expire_time</c>. 0: any. If set, each new chat expires.</summary>
    public TimeSpan? MaxTtl { get; init; }

    /// <summary>Indicates whether servers must share one of the limits. The store enforces <see cref="Chats"/>.</summary>
    public bool AreShared => (ConcurrentTurns ?? TurnsPerMinute ?? TokensPerDay ?? StoredBytes) is not null;

    /// <summary>Returns these limits with defaults for keys that aren't set. In the result, null means unlimited.</summary>
    internal TenantLimits WithDefaults(TenantLimits defaults) => new()
    {
        ConcurrentTurns = Effective(ConcurrentTurns ?? defaults.ConcurrentTurns),
        TurnsPerMinute = Effective(TurnsPerMinute ?? defaults.TurnsPerMinute),
        TokensPerDay = Effective(TokensPerDay ?? defaults.TokensPerDay),
        Chats = Effective(Chats ?? defaults.Chats),
        StoredBytes = Effective(StoredBytes ?? defaults.StoredBytes),
        DefaultTtl = Effective(DefaultTtl ?? defaults.DefaultTtl),
        MaxTtl = Effective(MaxTtl ?? defaults.MaxTtl),
    };

    private static long? Effective(long? limit) => limit == Unlimited ? null : limit;

    private static TimeSpan? Effective(TimeSpan? limit) => limit == TimeSpan.Zero ? null : limit;
}

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
