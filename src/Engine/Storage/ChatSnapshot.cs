namespace GenAI.Chats.Engine.Storage;

/// <summary>A chat at one instant: its head, the end of its log, and the turns that have not ended.</summary>
/// <param name="Chat">The head.</param>
/// <param name="LastSequence">The number of the log's last turn; 0 when the log is empty.</param>
/// <param name="Pending">Turns that have not ended, in order, without their inputs.</param>
internal sealed record ChatSnapshot(ChatRecord Chat, long LastSequence, IReadOnlyList<TurnRecord> Pending)
{
    /// <summary>Whether there are such turns, and the first has no owner, or one that is gone. Lists do not say.</summary>
    public bool IsAbandoned { get; init; }
}
