namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>What a head holds at most, before it goes into records of its own. Tests have smaller ones.</summary>
internal sealed record HeadLimits
{
    /// <summary>The tail's ended turns become a page when they have so many bytes...</summary>
    public int PageBytes { get; init; } = 32 * 1024;

    /// <summary>... or are so many.</summary>
    public int PageTurns { get; init; } = 64;

    /// <summary>A level's pages or branches become a branch when they are so many...</summary>
    public int BranchRefs { get; init; } = 32;

    /// <summary>... or have the prints of so many ids.</summary>
    public int BranchPrints { get; init; } = 512;

    /// <summary>A payload that is larger goes beside the head...</summary>
    public int InlineBytes { get; init; } = 8 * 1024;

    /// <summary>... and so does any, when the chat's head has so many bytes.</summary>
    public int HeadBytes { get; init; } = 64 * 1024;

    /// <summary>A payload's records have so many bytes: less than providers take in one, of which DynamoDB's 400 KiB are the least.</summary>
    public int PartBytes { get; init; } = 256 * 1024;
}
