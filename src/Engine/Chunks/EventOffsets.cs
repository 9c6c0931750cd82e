namespace GenAI.Chats.Engine.Chunks;

/// <summary>
/// Numbers a turn's events. Each attempt has its own range. So the offsets of a later attempt follow all offsets that an earlier attempt may have published
/// before its process failed, although their number wasn't stored: a reader that kept an offset of a superseded chunk gets the new attempt from its start.
/// </summary>
internal static class EventOffsets
{
    /// <summary>The maximum number of events of an attempt. JavaScript's exact integers have room for 9 million attempts.</summary>
    public const long PerAttempt = 1_000_000_000;

    /// <summary>The number of events that may have followed an attempt's first one if their number is unknown.</summary>
    public const uint MostAfterStart = (uint)PerAttempt - 1;

    /// <summary>Returns the offset before an attempt's first event. Attempt 1 starts with offset 1, and so does a turn that ends without an attempt.</summary>
    public static long Before(int attempt) => Math.Max(attempt - 1, 0) * PerAttempt;
}
