namespace GenAI.Chats.Engine.Admission;

/// <summary>What is in force for one tenant. Null: any number.</summary>
internal readonly record struct TenantLimits(long? ConcurrentTurns, long? TurnsPerMinute, long? TokensPerDay, long? Chats, long? StoredBytes)
{
    /// <summary>What stands for any number in the configuration.</summary>
    public const long AnyNumber = -1;

    /// <summary>Whether one of the limits has to be shared out between servers. That of chats has not: the store counts them.</summary>
    public bool AreShared => (ConcurrentTurns ?? TurnsPerMinute ?? TokensPerDay ?? StoredBytes) is not null;

    /// <summary>A tenant's limits: its own, and where it has none, the default ones.</summary>
    public static TenantLimits From(TenantLimitOptions defaults, TenantLimitOptions? own) => new(
        Effective(own?.ConcurrentTurns ?? defaults.ConcurrentTurns),
        Effective(own?.TurnsPerMinute ?? defaults.TurnsPerMinute),
        Effective(own?.TokensPerDay ?? defaults.TokensPerDay),
        Effective(own?.Chats ?? defaults.Chats),
        Effective(own?.StoredBytes ?? defaults.StoredBytes));

    private static long? Effective(long? limit) => limit == AnyNumber ? null : limit;
}
