namespace GenAI.Chats.Engine.Chunks;

/// <summary>
/// Numbers a turn's events. Each attempt has a range of its own, so that the numbers of a later attempt follow all those that an earlier one may have
/// handed out before its process was gone, though nobody stored how many those were: a reader that kept an offset of a void chunk
/// gets the new attempt from its start.
/// </summary>
internal static class EventOffsets
{
    /// <summary>How many events an attempt can have. In the numbers that JavaScript has, 9 million attempts fit.</summary>
    public const long PerAttempt = 1_000_000_000;

    /// <summary>How many events may have followed an attempt's first one, where nobody knows how many did.</summary>
    public const uint MostAfterStart = (uint)PerAttempt - 1;

    /// <summary>The offset before an attempt's first event. Attempt 1 starts with 1; so does a turn that ends without any attempt.</summary>
    public static long Before(int attempt) => Math.Max(attempt - 1, 0) * PerAttempt;
}
