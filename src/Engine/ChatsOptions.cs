namespace GenAI.Chats.Engine;

/// <summary>Limits and intervals of chats: the configuration section <c>Chats</c>.</summary>
public sealed record ChatsOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string SectionName = "Chats";

    /// <summary>Gets the maximum number of turns of a chat that wait for the running one. 0: no turn can wait. Default: 16.</summary>
    public int MaxQueuedTurns { get; init; } = 16;

    /// <summary>Gets the maximum size of the waiting turns' messages and configs, in bytes. Default: 64 MiB.</summary>
    public long MaxQueuedBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Gets the maximum size of a request that sends, records, creates, or updates, in bytes. Default: 32 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Gets the maximum number of contents of a request, in an initial history or a recorded model output. Default: 10,000.</summary>
    public int MaxContents { get; init; } = 10_000;

    /// <summary>Gets the maximum number of parts of all contents of a request. Default: 100,000.</summary>
    public int MaxParts { get; init; } = 100_000;

    /// <summary>Gets the maximum number of function calls, and of function responses, of all contents of a request. Default: 10,000.</summary>
    public int MaxFunctionCalls { get; init; } = 10_000;

    /// <summary>Gets the maximum size of a model's response in one turn, in bytes. A larger response fails the turn. Default: 64 MiB.</summary>
    public int MaxResponseBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Gets the maximum number of calls of server-side tools that run at once for one response of the model. Other calls wait. Default: 16.</summary>
    public int MaxConcurrentToolCalls { get; init; } = 16;

    /// <summary>Gets the maximum number of recorded turns of a chat, on all its branches. Default: 100,000.</summary>
    public long MaxTurns { get; init; } = 100_000;

    /// <summary>Gets the maximum number of branches of a chat. Default: 1,000.</summary>
    public int MaxBranches { get; init; } = 1000;

    /// <summary>
    /// Gets the maximum size of a chat, in bytes: its settings, and the inputs and outcomes of all its turns, including failed ones. Default: 256 MiB.
    /// </summary>
    public long MaxHistoryBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Gets how often a turn is run again after its server failed, before the turn fails with ATTEMPTS_EXHAUSTED. Default: 3.</summary>
    public int MaxRecoveryAttempts { get; init; } = 3;

    /// <summary>Gets how long running turns may take to end when the server stops. Then they are handed off to other servers. Default: 30 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how often a server writes its heartbeat to the store. Default: 1 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets how long after its last heartbeat a server counts as failed, and other servers recover its turns. At least twice HeartbeatInterval. Default: 5 s.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets how often a server looks for orphaned turns. Default: 5 s.</summary>
    public TimeSpan RecoveryInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets how often a server checks the store for the end of a turn that runs on another server. Default: 500 ms.</summary>
    public TimeSpan RemoteTurnPollInterval { get; init; } = TimeSpan.FromMilliseconds(500);
}
