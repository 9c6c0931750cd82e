namespace GenAI.Chats.Engine.Storage;

/// <summary>What tenants have used: tokens per day, and stored bytes.</summary>
public interface ITenantUsageStore
{
    /// <summary>
    /// Stores the tokens that tenants used on a day, as one process counted them. The counts are totals, so a caller can repeat a step if
    /// its outcome is unknown. A count that is lower than the stored one changes nothing. The store deletes the counts of days before
    /// <see cref="UsageStep.ForgottenBefore"/>.
    /// </summary>
#pragma warning disable CA1716 // Step is a keyword of Visual Basic.
    Task KeepUsageAsync(UsageStep step);
#pragma warning restore CA1716

    /// <summary>Reads the tokens that a tenant used on a day, by the process that counted them.</summary>
    Task<IReadOnlyDictionary<string, long>> ReadUsageAsync(string tenant, DateOnly day, CancellationToken cancellationToken);

    /// <summary>
    /// Sums the <see cref="ChatRecord.StoredBytes"/> of a tenant's chats. The time grows with the number of chats. The sum might not be of
    /// one instant.
    /// </summary>
    Task<long> SumStoredBytesAsync(string tenant, CancellationToken cancellationToken);
}

/// <summary>The tokens that tenants used on a day, as one process counted them.</summary>
/// <param name="Owner">The process.</param>
/// <param name="Day">The day, in UTC.</param>
/// <param name="Tokens">By tenant: the tokens of all turns that ended on that day in that process.</param>
public sealed record UsageStep(string Owner, DateOnly Day, IReadOnlyDictionary<string, long> Tokens)
{
    private const int KeptDays = 35;

    /// <summary>The first day whose counts are still needed: a month and some days before <see cref="Day"/>.</summary>
    public DateOnly ForgottenBefore => Day.AddDays(-KeptDays);
}
