namespace GenAI.Chats.Storage.Transfer;

/// <summary>The counts of an export or an import.</summary>
/// <param name="Chats">The number of chats that were written.</param>
/// <param name="Turns">The number of their turns, including pieces of initial histories.</param>
/// <param name="Present">The number of chats of an import that were skipped because they existed, with all their turns.</param>
/// <param name="Expired">The number of chats of an import that were skipped because their expire time has passed.</param>
public readonly record struct TransferCounts(long Chats, long Turns, long Present = 0, long Expired = 0)
{
    /// <summary>Adds counts.</summary>
    public static TransferCounts operator +(TransferCounts one, TransferCounts other) =>
        new(one.Chats + other.Chats, one.Turns + other.Turns, one.Present + other.Present, one.Expired + other.Expired);
}
