namespace GenAI.Chats.Engine.Admission;

/// <summary>What a server is given of a tenant's limits, for <see cref="TenantLedger.Lifetime"/>, unless it claims again before.</summary>
public sealed record TenantGrant
{
    /// <summary>How many turns may be accepted there and not ended.</summary>
    public long Slots { get; init; }

    /// <summary>How many more turns of the rate it may start.</summary>
    public long Turns { get; init; }

    /// <summary>When there will be another turn of the rate, if there were not enough.</summary>
    public TimeSpan NextTurn { get; init; }

    /// <summary>How many tokens turns that ended on other servers have used on the claim's day.</summary>
    public long TokensElsewhere { get; init; }

    /// <summary>The bytes of the tenant's histories; null: not known yet.</summary>
    public long? StoredBytes { get; init; }
}
