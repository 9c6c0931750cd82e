namespace GenAI.Chats.Engine.Storage;

/// <summary>How long owners can live without a beat.</summary>
internal static class OwnerLifetimes
{
    /// <summary>
    /// The longest lifetime. Where a store keeps until when an owner lives, a later time than this from now was written before the clock was set back: its owner is gone,
    /// or beats again soon.
    /// </summary>
    public static readonly TimeSpan Max = TimeSpan.FromMinutes(10);
}
