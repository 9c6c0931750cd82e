namespace GenAI.Chats.Engine;

/// <summary>Limits and intervals of chats: the configuration section <c>Chats</c>.</summary>
public sealed record ChatsOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string SectionName = "Chats";

    /// <summary>Gets the maximum number of turns that wait in a chat, 0 to 10,000. Further sends fail with QUEUE_FULL. Default: 16.</summary>
    public int MaxQueuedTurns { get; init; } = 16;

    /// <summary>Gets the maximum size of the messages and configs that wait in a chat, in bytes. Further sends fail with QUEUE_FULL. Default: 64 MiB.</summary>
    public long MaxQueuedBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Gets the maximum size of a request, in bytes, 1 KiB to 1 GiB. A larger request fails with INVALID_FIELD, and from twice the size with MESSAGE_TOO_LARGE. Default: 32 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Gets the maximum number of contents of a request, 1 to 1,000,000. A request with more fails with INVALID_FIELD. Default: 10,000.</summary>
    public int MaxContents { get; init; } = 10_000;

    /// <summary>Gets the maximum number of parts of a request, 1 to 1,000,000. A request with more fails with INVALID_FIELD. Default: 100,000.</summary>
    public int MaxParts { get; init; } = 100_000;

    /// <summary>Gets the maximum number of function calls, and of function responses, of a request, 1 to 1,000,000. A request with more fails with INVALID_FIELD. Default: 10,000.</summary>
    public int MaxFunctionCalls { get; init; } = 10_000;

    /// <summary>Gets the maximum size of the model's output in one turn, in bytes, with 64 bytes more for each chunk, 1 KiB to 1 GiB. A turn with more fails with RESPONSE_TOO_LARGE. Default: 64 MiB.</summary>
    public int MaxResponseBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Gets the maximum number of server-side tool calls of a turn that run at once, 1 to 10,000. Further calls wait. Default: 16.</summary>
    public int MaxConcurrentToolCalls { get; init; } = 16;

    /// <summary>Gets the maximum number of recorded turns of a chat, on all its branches, at least 1. Further sends fail with HISTORY_FULL. Default: 100,000.</summary>
    public long MaxTurns { get; init; } = 100_000;

    /// <summary>Gets the maximum number of branches of a chat, 1 to 10,000. Further branches fail with TOO_MANY_BRANCHES. Default: 1,000.</summary>
    public int MaxBranches { get; init; } = 1000;

    /// <summary>
    /// Gets the maximum size of a chat, in bytes, at least 1 KiB: its settings, and the inputs and outcomes of all its turns, including failed ones. Further sends
    /// fail with HISTORY_FULL. Default: 256 MiB.
    /// </summary>
    public long MaxHistoryBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Gets how often a turn is run again after its server failed, before the turn fails with ATTEMPTS_EXHAUSTED, 0 to 100. Default: 3.</summary>
    public int MaxRecoveryAttempts { get; init; } = 3;

    /// <summary>Gets how long running turns may take to end when the server stops, at most 1 h. Then they are handed off to other servers. Default: 30 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how often a server writes its heartbeat to the store, 10 ms to 1 min. Default: 1 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets how long after its last heartbeat a server counts as failed, and other servers recover its turns; at least twice <see cref="HeartbeatInterval"/>. Default: 5 s.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets how often a server looks for orphaned turns, 10 ms to 10 min. Default: 5 s.</summary>
    public TimeSpan RecoveryInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets how often a server checks the store for the end of a turn that runs on another server, 10 ms to 1 min. Default: 500 ms.</summary>
    public TimeSpan RemoteTurnPollInterval { get; init; } = TimeSpan.FromMilliseconds(500);
}
