namespace GenAI.Chats.Storage.Transfer;

/// <summary>What an export or an import came to.</summary>
/// <param name="Chats">Chats that were written.</param>
/// <param name="Turns">Their turns, pieces of initial histories among them.</param>
/// <param name="Present">Chats of an import that were there already, with all their turns.</param>
internal readonly record struct TransferCounts(long Chats, long Turns, long Present = 0)
{
    public static TransferCounts operator +(TransferCounts one, TransferCounts other) =>
        new(one.Chats + other.Chats, one.Turns + other.Turns, one.Present + other.Present);
}
