namespace GenAI.Chats.Engine.Storage;

/// <summary>A chat at one instant.</summary>
/// <param name="Chat">The head.</param>
/// <param name="LastSequence">The number of the last turn in the log; 0 if the log is empty.</param>
/// <param name="Pending">The turns that haven't ended, in order, without their inputs.</param>
public sealed record ChatSnapshot(ChatRecord Chat, long LastSequence, IReadOnlyList<TurnRecord> Pending)
{
    /// <summary>Whether the first pending turn has no owner, or one that is gone. Always false in lists.</summary>
    public bool IsAbandoned { get; init; }
}
