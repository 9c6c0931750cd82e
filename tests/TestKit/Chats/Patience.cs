namespace GenAI.Chats.TestKit.Chats;

/// <summary>How long a test waits for what must come: far longer than it takes, so that only a defect runs into it.</summary>
internal static class Patience
{
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);
}
