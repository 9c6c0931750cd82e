namespace GenAI.Chats.Engine.Storage;

/// <summary>The head of a chat: its state without its turns. Its size doesn't depend on the number of turns.</summary>
public sealed record ChatRecord
{
    /// <summary>The key.</summary>
    public required ChatKey Key { get; init; }

    /// <summary>
    /// A unique ID that never changes. It distinguishes the chat from others that have had the same key. Empty for a chat that an earlier
    /// version created.
    /// </summary>
    public string Incarnation { get; init; } = "";

    /// <summary>The version of <see cref="Settings"/>. It increases by one with each change, and starts at any number.</summary>
    public long Version { get; init; } = 1;

    /// <summary>The settings.</summary>
    public required ChatSettings Settings { get; init; }

    /// <summary>
    /// The number of changes of the history: recorded turns, and changes of the head. A fork begins with the revision of the turn it was forked at.
    /// </summary>
    public long Revision { get; init; }

    /// <summary>The tree of the recorded turns. Null if each turn follows the one before, and the last one is the head.</summary>
    public ChatTree? Tree { get; init; }

    /// <summary>The number of turns in the history, without the initial history.</summary>
    public long TurnCount { get; init; }

    /// <summary>
    /// The size of the chat as protobuf messages, in bytes: its settings, the initial history, and the inputs and outcomes of all turns that
    /// have ended, including turns that aren't in the history.
    /// </summary>
    public long StoredBytes { get; init; }

    /// <summary>The usage, summed over the turns; null if no turn reported any.</summary>
    public UsageMetadata? TotalUsage { get; init; }

    /// <summary>
    /// The number of the first turn of the open exchange, which has pending function calls; 0 if no exchange is open. The turns of the
    /// exchange become curated with the turn that closes it.
    /// </summary>
    public long OpenSequence { get; init; }

    /// <summary>
    /// The time when the chat expires, by the store's clock; null if it doesn't. From then on, the chat doesn't exist, unless a turn is pending.
    /// </summary>
    public DateTimeOffset? ExpireTime { get; init; }

    /// <summary>The create time.</summary>
    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>The time of the last change of the settings or the history.</summary>
    public required DateTimeOffset UpdateTime { get; init; }

    /// <summary>The request ID that the client created the chat with; empty if it sent none.</summary>
    public string CreateRequestId { get; init; } = "";

    /// <summary>A hash of the request that created the chat, which distinguishes a retry from another request with the same ID.</summary>
    public ReadOnlyMemory<byte> CreateRequestHash { get; init; }
}
