namespace GenAI.Chats.Storage;

/// <summary>Times as columns: UTC ticks, which lose nothing of a time but the offset it was written with.</summary>
internal static class Ticks
{
    public static DateTimeOffset ToTime(long ticks) => new(ticks, TimeSpan.Zero);
}
