namespace GenAI.Chats.Storage.GrainStorage.Heads;

/// <summary>The limits of a head record, above which values are written to records of their own. Tests use lower limits.</summary>
internal sealed record HeadLimits
{
    /// <summary>The size of ended turns in the tail from which they become a page.</summary>
    public int PageBytes { get; init; } = 32 * 1024;

    /// <summary>The number of ended turns in the tail from which they become a page.</summary>
    public int PageTurns { get; init; } = 64;

    /// <summary>The number of pages or nodes in a level from which they become a node.</summary>
    public int NodeRefs { get; init; } = 32;

    /// <summary>The number of hashes in a level from which its pages become a node.</summary>
    public int NodeHashes { get; init; } = 512;

    /// <summary>The maximum size of a payload in the head.</summary>
    public int InlineBytes { get; init; } = 8 * 1024;

    /// <summary>The size of the head from which it gets no further payloads.</summary>
    public int HeadBytes { get; init; } = 64 * 1024;

    /// <summary>The size of a payload's records. It is less than the maximum of all providers, of which DynamoDB has the lowest, 400 KiB.</summary>
    public int PartBytes { get; init; } = 256 * 1024;
}
