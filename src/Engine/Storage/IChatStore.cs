using GenAI.Chats.Engine.Errors;

namespace GenAI.Chats.Engine.Storage;

/// <summary>
/// A durable log of turns for each chat. It appends; it never rewrites a history.
/// </summary>
/// <remarks>
/// <para><b>Atomic and durable.</b> Each step is one commit: when its task has completed, all of it survives a crash of the process and of
/// the machine; when it throws <see cref="ChatConflictException"/>, none of it was done. Any other exception leaves open whether
/// it was done; whoever gets it reads again before it goes on. Steps cannot be cancelled, as a cancelled commit would be one whose outcome
/// nobody knows.</para>
/// <para><b>Preconditions.</b> Each step states what it expects, and the store checks it in the same commit. They alone keep two
/// activations, two processes or a host that was frozen and woke up from both writing. None depends on a clock that two machines share:
/// the age of an owner's beat is measured by the store.</para>
/// <para><b>Cost.</b> A step costs the same however long the log is, and writes the turn's own bytes at most twice.</para>
/// <para><b>Reads</b> see every step that had completed when they began. What they return belongs to the caller; what is passed in must
/// not be changed until the task has completed.</para>
/// <para>All members may be called by any number of callers at once. A step that no store could take, such as an ended turn without an
/// outcome, is an
/// <see cref="ArgumentException"/> and does nothing.</para>
/// </remarks>
internal interface IChatStore
{
    /// <summary>Brings the store up to this version's schema. Called once, before anything else. Safe beside other processes.</summary>
    /// <exception cref="ChatStoreException">The store cannot be reached, or a later version wrote it.</exception>
    Task InitializeAsync(CancellationToken cancellationToken);

    /// <summary>Creates a chat.</summary>
    /// <returns>Null when it was created; else the chat that has the id already.</returns>
    /// <exception cref="ChatLimitException">The tenant has as many chats as it may have.</exception>
    Task<ChatRecord?> CreateAsync(CreateStep step);

    /// <summary>Appends a turn.</summary>
    /// <returns>
    /// Null when it was appended; else the turn that has its request id already, whatever the other preconditions, unless it is the one
    /// that the step replaces. A turn that another one replaced does not have its request id any more. An empty request id is nobody's.
    /// </returns>
    /// <exception cref="ChatConflictException">A precondition does not hold: the chat exists, the turn's number follows the log's last one,
    /// its id is new, a running or ended turn has no pending one before it, and those of the step.</exception>
    Task<TurnRecord?> AcceptAsync(ChatKey key, AcceptStep step);

    /// <summary>Starts the next attempt of a pending turn.</summary>
    /// <exception cref="ChatConflictException">A precondition does not hold.</exception>
    Task StartAsync(ChatKey key, StartStep step);

    /// <summary>Ends a pending turn, running or queued, and moves the chat's head. An ended turn has no owner.</summary>
    /// <exception cref="ChatConflictException">A precondition does not hold.</exception>
    Task EndAsync(ChatKey key, EndStep step);

    /// <summary>
    /// Sets the stop of a pending turn. From then on the turn can't be started, and its end must name the stop. The owner of a running turn gets to know
    /// it with its next beat.
    /// </summary>
    /// <exception cref="ChatConflictException">A precondition does not hold.</exception>
    Task StopAsync(ChatKey key, StopStep step);

    /// <summary>Makes a running turn a queued one without owner and start time. The attempt stays, and the stop.</summary>
    /// <exception cref="ChatConflictException">A precondition does not hold.</exception>
    Task ReleaseAsync(ChatKey key, ReleaseStep step);

    /// <summary>Keeps a step of a running turn until the turn has ended. Nothing else changes.</summary>
    /// <exception cref="ChatConflictException">A precondition does not hold.</exception>
    Task KeepProgressAsync(ChatKey key, ProgressStep step);

    /// <summary>Replaces a chat's settings, and moves its version and its update time.</summary>
    /// <param name="key">The chat.</param>
    /// <param name="version">Precondition: the settings are of this version.</param>
    /// <param name="settings">The new ones.</param>
    /// <param name="updateTime">The chat's new update time.</param>
    /// <param name="growth">By how many bytes the new ones are larger; below zero: smaller.</param>
    /// <exception cref="ChatConflictException">The precondition does not hold, or there is no such chat.</exception>
    Task UpdateSettingsAsync(ChatKey key, long version, Records.ChatSettings settings, DateTimeOffset updateTime, long growth);

    /// <summary>Deletes a chat and its log. Later steps on it meet a conflict, even after a chat is created under the same key.</summary>
    /// <returns>What came of it. The store knows at least the last eight deletions of a key by their request ids.</returns>
    Task<Deletion> DeleteAsync(ChatKey key, DeleteStep step);

    /// <summary>Reads a chat's head and pending turns, without their inputs, at one instant. Null when there is no such chat.</summary>
    Task<ChatSnapshot?> LoadAsync(ChatKey key, CancellationToken cancellationToken);

    /// <summary>Finds a turn by its id, without its input, or null. Ids of turns and requests are compared by code units.</summary>
    Task<TurnRecord?> FindTurnAsync(ChatKey key, string turnId, CancellationToken cancellationToken);

    /// <summary>Reads what a turn was accepted with. Null when there is no such turn.</summary>
    Task<Records.TurnInput?> ReadInputAsync(ChatKey key, string turnId, CancellationToken cancellationToken);

    /// <summary>Finds the turn that has a request id, or null.</summary>
    Task<TurnRecord?> FindRequestAsync(ChatKey key, string requestId, CancellationToken cancellationToken);

    /// <summary>Reads what is kept of a turn that has not ended, in order. Empty when there is no such turn.</summary>
    Task<IReadOnlyList<Records.TurnProgress>> ReadProgressAsync(ChatKey key, string turnId, CancellationToken cancellationToken);

    /// <summary>Reads recorded turns, or all, in the log's order. Null when there is no such chat, or it has another incarnation than the range asks for.</summary>
    Task<LogPage?> ReadLogAsync(ChatKey key, LogRange range, CancellationToken cancellationToken);

    /// <summary>Lists a tenant's chats, newest change first.</summary>
    Task<ChatListPage> ListAsync(ChatListQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Says that a process lives. An owner counts as gone when it never beat, when its last beat is older than <paramref name="lifetime"/>
    /// said at that beat, by the store's clock, or when it left.
    /// </summary>
    /// <returns>
    /// When the beat is in the store, the turns that the owner runs and that must stop: each stop at least once, with the first beat after it. Only where a
    /// store or the process that stopped the turn fails at that moment may one be missing; the turn's end meets it even then.
    /// </returns>
    Task<IReadOnlyList<StoppedTurn>> BeatAsync(string owner, TimeSpan lifetime);

    /// <summary>Says that a process is gone, before its beat is old.</summary>
    Task LeaveAsync(string owner);

    /// <summary>
    /// Finds chats with pending turns that no server runs, a page at a time: those whose first pending turn has an owner that is gone, or those whose first
    /// pending turn has no owner, most of which wait for a place on a server. The longest waiting, by the turn's create time, come first. What changes
    /// meanwhile may be on two pages or on none.
    /// </summary>
    Task<IReadOnlyList<AbandonedChat>> FindAbandonedAsync(AbandonedQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps how much tenants have used on a day as one process counts it: whole counts, not increments, so that it can be done again when its outcome is
    /// unknown. A count that is lower than the one that is kept changes nothing. What was kept for long past days is forgotten.
    /// </summary>
    Task KeepUsageAsync(UsageStep step);

    /// <summary>How many tokens a tenant has used on a day, by the processes that counted them. Empty when none did.</summary>
    Task<IReadOnlyDictionary<string, long>> ReadUsageAsync(string tenant, DateOnly day, CancellationToken cancellationToken);

    /// <summary>
    /// Sums the <see cref="ChatRecord.HistoryBytes"/> of a tenant's chats. It takes the longer the more chats there are, and need not see all of them at one instant.
    /// </summary>
    Task<long> SumHistoryBytesAsync(string tenant, CancellationToken cancellationToken);
}
