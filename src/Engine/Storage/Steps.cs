using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Storage;

/// <summary>Creates a chat with its initial history.</summary>
/// <param name="Chat">The head, with revision 0.</param>
/// <param name="History">The initial history in pieces, numbered from 1: ended, with an outcome, without turn id and request id.</param>
/// <param name="MaxChats">How many chats the tenant may have, with this one.</param>
internal sealed record CreateStep(ChatRecord Chat, IReadOnlyList<TurnRecord> History, long MaxChats);

/// <summary>Appends a turn to a chat's log.</summary>
internal sealed record AcceptStep
{
    /// <summary>
    /// The turn: queued; or running, when it is the only pending one and its owner starts it with the same commit; or ended, when it was
    /// generated elsewhere and no turn is pending. An ended one that is recorded has the revision that follows <see
    /// cref="ExpectedRevision"/>.
    /// </summary>
    public required TurnRecord Turn { get; init; }

    /// <summary>Precondition: the settings are of this version.</summary>
    public required long Version { get; init; }

    /// <summary>Precondition: the chat has this revision. Null: any.</summary>
    public long? ExpectedRevision { get; init; }

    /// <summary>
    /// The ended turn whose request id this turn takes over, because it left nothing in the history. Precondition: it has that request id,
    /// has ended, and is not in the history.
    /// </summary>
    public string? Replaces { get; init; }

    /// <summary>How the chat's head changes; set when the turn is recorded with this step, and perhaps when it has only ended.</summary>
    public HeadChange? Head { get; init; }

    /// <summary>The stop that the same commit sets on the chat's other pending turns, where they have no higher one.</summary>
    public TurnStop StopsOthers { get; init; }
}

/// <summary>Starts a pending turn: the next attempt, by an owner.</summary>
/// <param name="Sequence">The turn's number.</param>
/// <param name="TurnId">The turn. Precondition: it is the chat's first pending one, and has no stop.</param>
/// <param name="Attempt">The attempt that starts. Precondition: the turn's is one less.</param>
/// <param name="UsedAttempts">How many attempts will have counted against the limit, this one left out.</param>
/// <param name="Owner">Who starts it. Precondition: the turn has no owner, or this one, or one that is gone.</param>
/// <param name="ExpectedRevision">Precondition: the chat has this revision, so that the model is sent all that came before.</param>
/// <param name="StartTime">When.</param>
internal sealed record StartStep(
    long Sequence, string TurnId, int Attempt, int UsedAttempts, string Owner, long ExpectedRevision, DateTimeOffset StartTime);

/// <summary>Ends a pending turn.</summary>
internal sealed record EndStep
{
    /// <summary>The turn's number.</summary>
    public required long Sequence { get; init; }

    /// <summary>The turn. Precondition: it is pending with this attempt...</summary>
    public required string TurnId { get; init; }

    public required int Attempt { get; init; }

    /// <summary>... this owner; null: it has none, or one that is gone...</summary>
    public required string? Owner { get; init; }

    /// <summary>... and this stop: what a turn leaves depends on it.</summary>
    public TurnStop Stop { get; init; }

    /// <summary>Completed, failed or cancelled.</summary>
    public required TurnState State { get; init; }

    public bool Curated { get; init; }

    public required TurnOutcome Outcome { get; init; }

    public required DateTimeOffset EndTime { get; init; }

    /// <summary>Whether progress of the turn may be stored, which is removed then.</summary>
    public bool HasProgress { get; init; }

    /// <summary>How the chat's head changes.</summary>
    public required HeadChange Head { get; init; }
}

/// <summary>What the end of a turn changes in its chat's head. The turn's revision is <see cref="Revision"/> when it is recorded.</summary>
/// <param name="ExpectedRevision">Precondition: the chat has this revision.</param>
/// <param name="Recorded">
/// Whether the turn becomes part of the history: then the revision, the turn count and the update time move. Precondition: it is the chat's
/// first pending one, as the history has the log's order.
/// </param>
/// <param name="HistoryBytes">How many bytes <see cref="ChatRecord.HistoryBytes"/> grows by.</param>
/// <param name="TotalUsage">The new sum of the usage, which a turn that is not recorded may have changed too.</param>
/// <param name="UpdateTime">The new update time, where the turn is recorded.</param>
internal sealed record HeadChange(
    long ExpectedRevision, bool Recorded, long HistoryBytes, UsageMetadata? TotalUsage, DateTimeOffset UpdateTime)
{
    /// <summary>The chat's revision after the change.</summary>
    public long Revision => Recorded ? ExpectedRevision + 1 : ExpectedRevision;

    /// <summary>The chat's new <see cref="ChatRecord.OpenSequence"/>; null: it stays. Only where the turn is recorded.</summary>
    public long? OpenSequence { get; init; }

    /// <summary>Turns before this one that become curated with it. Only where the turn is recorded.</summary>
    public IReadOnlyList<long> Closes { get; init; } = [];
}

/// <summary>Gives up a running turn, so that another attempt can start at once.</summary>
/// <param name="Sequence">The turn's number.</param>
/// <param name="TurnId">The turn. Precondition: it is running with this attempt...</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Owner">... and this owner.</param>
internal sealed record ReleaseStep(long Sequence, string TurnId, int Attempt, string Owner);

/// <summary>Says that a pending turn must stop. One that has this stop already, or a higher one, stays as it is.</summary>
/// <param name="Sequence">The turn's number.</param>
/// <param name="TurnId">The turn. Precondition: it is pending.</param>
/// <param name="Stop">Why it stops.</param>
internal sealed record StopStep(long Sequence, string TurnId, TurnStop Stop);

/// <summary>Deletes a chat.</summary>
/// <param name="RequestId">The client's id for the deletion, or one that the server made. Not empty.</param>
/// <param name="Time">When.</param>
/// <param name="ForgottenBefore">Ids of deletions before this time may be forgotten.</param>
internal sealed record DeleteStep(string RequestId, DateTimeOffset Time, DateTimeOffset ForgottenBefore);

/// <summary>A turn that an owner runs and that must stop.</summary>
/// <param name="TurnId">The turn.</param>
/// <param name="Stop">Why it stops.</param>
internal readonly record struct StoppedTurn(string TurnId, TurnStop Stop);

/// <summary>Keeps what a running turn has done, for an attempt that has to start over.</summary>
/// <param name="Sequence">The turn's number.</param>
/// <param name="TurnId">The turn. Precondition: it is running with this attempt...</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Owner">... and this owner.</param>
/// <param name="Place">Which of the turn's steps it is, from 0. Precondition: those before it are kept, and no other.</param>
/// <param name="Progress">What was done.</param>
internal sealed record ProgressStep(long Sequence, string TurnId, int Attempt, string Owner, int Place, TurnProgress Progress);
