using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Storage;

/// <summary>A chat's head: what is known of it without reading its turns. It has the same size at turn 10 and at turn 10,000.</summary>
internal sealed record ChatRecord
{
    public required ChatKey Key { get; init; }

    /// <summary>
    /// Tells the chat from others that have had the same key: unique, and never changed. Empty for a chat that an earlier version created.
    /// </summary>
    public string Incarnation { get; init; } = "";

    /// <summary>Goes up by one with each change of <see cref="Settings"/>. It starts at any number.</summary>
    public long Version { get; init; } = 1;

    public required ChatSettings Settings { get; init; }

    /// <summary>Goes up by one with each turn that becomes part of the history. 0: none has.</summary>
    public long Revision { get; init; }

    /// <summary>Turns in the history, without the initial one.</summary>
    public long TurnCount { get; init; }

    /// <summary>
    /// Bytes that the chat takes, as protobuf has them: its settings, the initial history, and the inputs and outcomes of all turns that have ended, whatever
    /// became of them.
    /// </summary>
    public long HistoryBytes { get; init; }

    /// <summary>Summed over the turns; null when none reported any.</summary>
    public UsageMetadata? TotalUsage { get; init; }

    /// <summary>
    /// The first turn of the exchange whose function calls wait for their responses; 0: none does. Its turns are not curated, and become so with the turn
    /// that ends the exchange.
    /// </summary>
    public long OpenSequence { get; init; }

    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>When the settings or the history last changed.</summary>
    public required DateTimeOffset UpdateTime { get; init; }

    /// <summary>The client's id for the creation; empty when it gave none.</summary>
    public string CreateRequestId { get; init; } = "";

    /// <summary>What the creation asked for, hashed, to tell a retry from another request under the same id.</summary>
    public ReadOnlyMemory<byte> CreateRequestHash { get; init; }
}
