namespace GenAI.Chats.Engine.Storage;

/// <summary>A change of one chat, which a store commits as a whole. Its preconditions are part of the step.</summary>
/// <param name="Name">The name of this kind of step in telemetry.</param>
public abstract record ChatStep(string Name);

/// <summary>
/// Creates a chat with its initial history. If the chat exists, the store does nothing and returns it as
/// <see cref="StepResult.ExistingChat"/>.
/// </summary>
/// <param name="Chat">The head, with revision 0.</param>
/// <param name="History">The initial history in pieces, numbered from 1: ended, with an outcome, without turn ID and request ID.</param>
/// <param name="MaxChats">The maximum number of chats of the tenant, including this one.</param>
public sealed record CreateStep(ChatRecord Chat, IReadOnlyList<TurnRecord> History, long MaxChats) : ChatStep("create");

/// <summary>
/// Creates a chat that has the turns of another chat up to one, without copying them. They stay as long as a chat has them, even if the source is
/// deleted or erases them. If the chat exists, the store does nothing, whatever the preconditions, and returns it as
/// <see cref="StepResult.ExistingChat"/>.
/// </summary>
/// <param name="Chat">The head, with the revision and the tree of the new chat. Its first own turn has the number after the last one of the path.</param>
/// <param name="Source">The source. Precondition: it exists, and has all turns of the path.</param>
/// <param name="SourceIncarnation">Precondition: the incarnation of the source.</param>
/// <param name="Path">The path to the turn, in ascending order. The last range ends with the turn.</param>
/// <param name="MaxChats">The maximum number of chats of the tenant, including this one.</param>
public sealed record ForkStep(
    ChatRecord Chat, ChatKey Source, string SourceIncarnation, IReadOnlyList<SequenceRange> Path, long MaxChats) : ChatStep("fork");

/// <summary>
/// Appends a turn to a chat's log. If another turn of the chat has the request ID, the store does nothing, whatever the preconditions, and
/// returns that turn as <see cref="StepResult.ExistingTurn"/>, unless the step replaces it. An empty request ID belongs to no turn.
/// </summary>
/// <remarks>
/// Preconditions: the chat exists, the turn's number follows the last one of the log, its ID is new, no turn is pending if this one is
/// running or ended, and those of the properties.
/// </remarks>
public sealed record AcceptStep() : ChatStep("accept")
{
    /// <summary>
    /// The turn. It is either queued; or running, if no turn is pending and the same commit starts it; or ended, if it was generated
    /// elsewhere and no turn is pending. An ended turn that is recorded has the revision that follows <see cref="ExpectedRevision"/>.
    /// </summary>
    public required TurnRecord Turn { get; init; }

    /// <summary>Precondition: the version of the settings.</summary>
    public required long Version { get; init; }

    /// <summary>Precondition: the chat's revision. If null, any revision.</summary>
    public long? ExpectedRevision { get; init; }

    /// <summary>
    /// The ID of the ended turn whose request ID this turn gets, because that turn isn't in the history; it then has no request ID anymore.
    /// Precondition: that turn has the request ID, has ended, and isn't in the history.
    /// </summary>
    public string? Replaces { get; init; }

    /// <summary>
    /// The change of the chat's head. Set if this step records the turn, or moves the head; can be set if the turn has ended without being recorded.
    /// </summary>
    public HeadChange? Head { get; init; }

    /// <summary>The stop that the same commit sets on the chat's other pending turns, unless they have a higher one.</summary>
    public TurnStop StopsOthers { get; init; }
}

/// <summary>Starts the next attempt of a pending turn.</summary>
/// <param name="Sequence">The number of the turn.</param>
/// <param name="TurnId">The ID of the turn. Precondition: it is the chat's first pending turn, and has no stop.</param>
/// <param name="Attempt">The number of the attempt. Precondition: it follows the turn's last attempt.</param>
/// <param name="UsedAttempts">The number of attempts before this one that count against the limit.</param>
/// <param name="Owner">The process that starts it. Precondition: the turn has no owner, or this one, or one that is gone.</param>
/// <param name="ExpectedRevision">Precondition: the chat's revision, so that the prompt contains everything that came before.</param>
/// <param name="StartTime">The start time.</param>
public sealed record StartStep(
    long Sequence, string TurnId, int Attempt, int UsedAttempts, string Owner, long ExpectedRevision, DateTimeOffset StartTime) : ChatStep("start");

/// <summary>Ends a pending turn, running or queued, and changes the chat's head. An ended turn has no owner.</summary>
public sealed record EndStep() : ChatStep("end")
{
    /// <summary>The number of the turn.</summary>
    public required long Sequence { get; init; }

    /// <summary>The ID of the turn. Precondition: the turn is pending.</summary>
    public required string TurnId { get; init; }

    /// <summary>Precondition: the turn's attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Precondition: the turn's owner. If null, the turn has no owner, or one that is gone.</summary>
    public required string? Owner { get; init; }

    /// <summary>Precondition: whether the turn is running, because the outcome depends on it. A turn that was released isn't.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>Precondition: the turn's stop, because the outcome depends on it.</summary>
    public TurnStop Stop { get; init; }

    /// <summary>Precondition: the version of the settings, because the expire time depends on them. If null, any version.</summary>
    public long? Version { get; init; }

    /// <summary>Completed, failed, or canceled.</summary>
    public required TurnState State { get; init; }

    /// <summary>Whether the turn is in the curated history.</summary>
    public bool Curated { get; init; }

    /// <summary>The outcome of the turn.</summary>
    public required TurnOutcome Outcome { get; init; }

    /// <summary>The end time.</summary>
    public required DateTimeOffset EndTime { get; init; }

    /// <summary>Whether the store might hold progress of the turn, which it then removes.</summary>
    public bool HasProgress { get; init; }

    /// <summary>The change of the chat's head.</summary>
    public required HeadChange Head { get; init; }
}

/// <summary>The change of a chat's head when a turn ends, or when the head moves.</summary>
/// <param name="ExpectedRevision">Precondition: the chat's revision.</param>
/// <param name="Recorded">
/// Whether the turn is recorded, and becomes the head, which changes the revision, the turn count, and the update time. Precondition: it is the
/// chat's first pending turn, because the turns of a path have the order of the log.
/// </param>
/// <param name="StoredBytes">The growth of <see cref="ChatRecord.StoredBytes"/>.</param>
/// <param name="TotalUsage">The new sum of the usage. A turn that isn't recorded can change it, too.</param>
/// <param name="UpdateTime">The new update time, if the history changes.</param>
public sealed record HeadChange(
    long ExpectedRevision, bool Recorded, long StoredBytes, UsageMetadata? TotalUsage, DateTimeOffset UpdateTime)
{
    /// <summary>Whether the head moves to another turn. Then no turn is recorded.</summary>
    public bool Moves { get; init; }

    /// <summary>Whether the history changes.</summary>
    public bool ChangesHistory => Recorded || Moves;

    /// <summary>The chat's revision after the change, which is the turn's revision if it is recorded.</summary>
    public long Revision => ChangesHistory ? ExpectedRevision + 1 : ExpectedRevision;

    /// <summary>The new turn count, if the history changes. If null, it increases by one.</summary>
    public long? TurnCount { get; init; }

    /// <summary>The chat's new <see cref="ChatRecord.Tree"/>. If null, it doesn't change. Only if the history changes.</summary>
    public ChatTree? Tree { get; init; }

    /// <summary>
    /// The parts of the log that remain, in ascending order, together with the entry for this change and all later turns. The other turns are erased: they
    /// don't exist anymore, except for forks that have them, and their inputs and outcomes are deleted. If null, no turn is erased. Only if the head moves.
    /// </summary>
    public IReadOnlyList<SequenceRange>? Keeps { get; init; }

    /// <summary>
    /// If set, the chat doesn't expire before this time has passed since the commit, by the store's clock. A later expire time stays, and a chat that doesn't
    /// expire still doesn't: only <see cref="UpdateStep"/> sets another expire time.
    /// </summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>The chat's new <see cref="ChatRecord.OpenSequence"/>. If null, it doesn't change. Only if the history changes.</summary>
    public long? OpenSequence { get; init; }

    /// <summary>The numbers of the turns before this one that become curated with it. Only if the turn is recorded.</summary>
    public IReadOnlyList<long> Closes { get; init; } = [];
}

/// <summary>
/// Returns a running turn to the queue, without owner and start time, so that another attempt can start at once. The turn keeps its attempt
/// and its stop.
/// </summary>
/// <param name="Sequence">The number of the turn.</param>
/// <param name="TurnId">The ID of the turn. Precondition: the turn is running.</param>
/// <param name="Attempt">Precondition: the turn's attempt.</param>
/// <param name="Owner">Precondition: the turn's owner.</param>
public sealed record ReleaseStep(long Sequence, string TurnId, int Attempt, string Owner) : ChatStep("release");

/// <summary>
/// Sets the stop of a pending turn, unless it has this stop or a higher one. The turn can't be started anymore, and the step that ends it
/// must name the stop. The owner of a running turn gets the stop with its next heartbeat.
/// </summary>
/// <param name="Sequence">The number of the turn.</param>
/// <param name="TurnId">The ID of the turn. Precondition: the turn is pending.</param>
/// <param name="Stop">How the turn stops.</param>
public sealed record StopStep(long Sequence, string TurnId, TurnStop Stop) : ChatStep("stop");

/// <summary>Stores the progress of a running turn until the turn has ended, for the next attempt if this one fails.</summary>
/// <param name="Sequence">The number of the turn.</param>
/// <param name="TurnId">The ID of the turn. Precondition: the turn is running.</param>
/// <param name="Attempt">Precondition: the turn's attempt.</param>
/// <param name="Owner">Precondition: the turn's owner.</param>
/// <param name="Place">The number of the progress record, from 0. Precondition: the store holds exactly those before it.</param>
/// <param name="Progress">The progress.</param>
public sealed record ProgressStep(long Sequence, string TurnId, int Attempt, string Owner, int Place, TurnProgress Progress) : ChatStep("keep_progress");

/// <summary>Replaces a chat's settings, and changes its version and its update time.</summary>
/// <param name="Version">Precondition: the version of the settings.</param>
/// <param name="Settings">The new settings.</param>
/// <param name="UpdateTime">The chat's new update time.</param>
/// <param name="Growth">The number of bytes by which the new settings are larger. Negative if they are smaller.</param>
public sealed record UpdateStep(long Version, ChatSettings Settings, DateTimeOffset UpdateTime, long Growth) : ChatStep("update_settings")
{
    /// <summary>Whether the expire time is set again from the settings; see <see cref="ChatExpiry"/>.</summary>
    public bool SetsExpiry { get; init; }
}

/// <summary>
/// Deletes a chat and its log. The result is <see cref="StepResult.Deletion"/>. Later steps that expect the chat fail with a conflict, even
/// after another chat was created under the key.
/// </summary>
/// <param name="RequestId">
/// The request ID of the deletion, from the client or the server. Not empty. For each key, a store remembers the IDs of at least the last
/// eight deletions.
/// </param>
/// <param name="Time">The time of the deletion.</param>
/// <param name="ForgottenBefore">The store can forget deletions before this time.</param>
public sealed record DeleteStep(string RequestId, DateTimeOffset Time, DateTimeOffset ForgottenBefore) : ChatStep("delete");
