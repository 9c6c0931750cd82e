namespace GenAI.Chats.Storage.Columns;

/// <summary>Times as stored: UTC ticks, which keep everything of a time except its offset.</summary>
internal static class Ticks
{
    public static DateTimeOffset ToTime(long ticks) => new(ticks, TimeSpan.Zero);
}
