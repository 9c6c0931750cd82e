namespace GenAI.Chats.Engine;

/// <summary>Limits and times of the chats: the configuration section <c>Chats</c>.</summary>
public sealed record ChatsOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Chats";

    /// <summary>How many turns of a chat may wait for the running one. 0: none may wait. Default 16.</summary>
    public int MaxQueuedTurns { get; init; } = 16;

    /// <summary>How many bytes the messages and configs of the turns that wait may have, as protobuf has them. Default 64 MiB.</summary>
    public long MaxQueuedBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How large a request may be that sends, records, creates, or updates, in bytes as protobuf has them. Default 32 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>How many contents a request may have: a history that a chat is created with, a model's output that is recorded. Default 10,000.</summary>
    public int MaxContents { get; init; } = 10_000;

    /// <summary>How many parts the contents of a request may have, all together. Default 100,000.</summary>
    public int MaxParts { get; init; } = 100_000;

    /// <summary>How many function calls, and as many function responses, the contents of a request may have, all together. Default 10,000.</summary>
    public int MaxFunctionCalls { get; init; } = 10_000;

    /// <summary>How much a model may answer in one turn, in bytes as protobuf has them; what goes beyond fails the turn. Default 64 MiB.</summary>
    public int MaxResponseBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How many calls of one answer run at once, of the functions that the service runs. The others wait. Default 16.</summary>
    public int MaxConcurrentToolCalls { get; init; } = 16;

    /// <summary>How many turns the history of a chat may have. Default 100,000.</summary>
    public long MaxTurns { get; init; } = 100_000;

    /// <summary>
    /// How many bytes a chat may have, as protobuf has them: settings, and all that its turns were sent with and came to, whatever became of them. Default 256 MiB.
    /// </summary>
    public long MaxHistoryBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>How often a turn is run again whose owner is gone, before it fails with ATTEMPTS_EXHAUSTED. Default 3.</summary>
    public int MaxReruns { get; init; } = 3;

    /// <summary>How long the running turns may take to end when the server stops; what still runs then is left to others. Default 30 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a server tells the store that it lives. Default 1 s.</summary>
    public TimeSpan BeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After how long without a beat a server counts as gone, and others take up its turns. More than twice the interval. Default 5 s.</summary>
    public TimeSpan OwnerLifetime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a server looks for turns that nobody runs. Default 5 s.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a turn that another server runs is looked at in the store. Default 500 ms.</summary>
    public TimeSpan FollowInterval { get; init; } = TimeSpan.FromMilliseconds(500);
}
