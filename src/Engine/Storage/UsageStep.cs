namespace GenAI.Chats.Engine.Storage;

/// <summary>Keeps what tenants used on a day, as one process counts it.</summary>
/// <param name="Owner">The process.</param>
/// <param name="Day">The day, in UTC.</param>
/// <param name="Tokens">By tenant: the tokens of all turns that ended on that day in that process.</param>
internal sealed record UsageStep(string Owner, DateOnly Day, IReadOnlyDictionary<string, long> Tokens)
{
    private const int KeptDays = 35;

    /// <summary>What was kept for days before this one is not needed any more: a month and some days are there to look back on.</summary>
    public DateOnly ForgottenBefore => Day.AddDays(-KeptDays);
}
