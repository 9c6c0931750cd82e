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

    /// <summary>The maximum number of turns that are queued or running. Further sends fail with TENANT_CONCURRENT_TURNS.</summary>
    public long? ConcurrentTurns { get; init; }

    /// <summary>The maximum number of turns accepted per minute, or at once after a pause. Further sends fail with TENANT_TURNS_PER_MINUTE.</summary>
    public long? TurnsPerMinute { get; init; }

    /// <summary>
    /// The number of tokens (<c>total_token_count</c>) per day in UTC from which sends fail with TENANT_TOKENS_PER_DAY. Turns accepted earlier run to their end, and count.
    /// </summary>
    public long? TokensPerDay { get; init; }

    /// <summary>The maximum number of chats. Further creations fail with TOO_MANY_CHATS. Default for all tenants: 10,000,000.</summary>
    public long? Chats { get; init; }

    /// <summary>
    /// The maximum size of all chats together, in bytes. Larger sends fail with TENANT_STORED_BYTES. Turns accepted earlier are recorded even if they exceed it.
    /// </summary>
    public long? StoredBytes { get; init; }

    /// <summary>The <c>ttl</c> of chats that are created without <c>ttl</c> and <c>expire_time</c>. 0: none.</summary>
    public TimeSpan? DefaultTtl { get; init; }

    /// <summary>The maximum <c>ttl</c> of a chat, and the maximum time until its <c>expire_time</c>; a longer one fails with INVALID_FIELD. If set, each new chat expires. 0: unlimited.</summary>
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
    /// <summary>The maximum number of running turns, 1 to 1,000,000. Further turns are accepted and stay QUEUED until one ends. Default: unlimited.</summary>
    public int? ConcurrentTurns { get; init; }

    /// <summary>The maximum number of chats that wait to start a turn, 0 to 1,000,000. Further sends fail with SERVER_BUSY. Default 1,000.</summary>
    public int MaxQueuedChats { get; init; } = 1000;

    /// <summary>
    /// The share of the memory available to the process (its container's, or the machine's) from which sends fail with SERVER_MEMORY, until usage falls 5 %
    /// below it. 0.1 to 1; 1: never. Default 0.85.
    /// </summary>
    public double MaxMemoryUtilization { get; init; } = 0.85;

    /// <summary>
    /// The share of the memory from which running turns fail with RESPONSE_TOO_LARGE, those with the largest responses first. At least
    /// <see cref="MaxMemoryUtilization"/>; 1: never. Default 0.95.
    /// </summary>
    public double CriticalMemoryUtilization { get; init; } = 0.95;
}
