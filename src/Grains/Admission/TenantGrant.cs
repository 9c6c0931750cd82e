namespace GenAI.Chats.Grains.Admission;

/// <summary>What a server is given of a tenant's limits, for <see cref="TenantLedger.Lifetime"/>, unless it claims again before.</summary>
[GenerateSerializer]
[Immutable]
[Alias("GenAI.Chats.TenantGrant")]
public sealed record TenantGrant
{
    /// <summary>How many turns may be accepted there and not ended.</summary>
    [Id(0)]
    public long Slots { get; init; }

    /// <summary>How many more turns of the rate it may start.</summary>
    [Id(1)]
    public long Turns { get; init; }

    /// <summary>When there will be another turn of the rate, if there were not enough.</summary>
    [Id(2)]
    public TimeSpan NextTurn { get; init; }

    /// <summary>How many tokens turns that ended on other servers have used on the claim's day.</summary>
    [Id(3)]
    public long TokensElsewhere { get; init; }

    /// <summary>The bytes of the tenant's histories; null: not known yet.</summary>
    [Id(4)]
    public long? StoredBytes { get; init; }
}
