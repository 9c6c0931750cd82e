using GenAI.Chats.Engine.Errors;

namespace GenAI.Chats.Engine.Storage;

/// <summary>
/// The preconditions of the steps, once for all stores: a store reads what it holds, asks here, and only then writes.
/// </summary>
internal static class StepRules
{
    /// <summary>The step's chat is not there.</summary>
    public static ChatConflictException NoSuchChat() => new("There is no such chat.");

    /// <summary>May the turn be appended? A request id that another turn has is no matter of this.</summary>
    /// <param name="step">The step.</param>
    /// <param name="chat">The chat.</param>
    /// <param name="lastSequence">The number of the log's last turn.</param>
    /// <param name="replaced">The turn that has the step's request id.</param>
    /// <param name="isTurnIdTaken">Whether a turn of the chat has the turn's id.</param>
    public static void CheckAccept(AcceptStep step, in ChatPlace chat, long lastSequence, TurnRecord? replaced, bool isTurnIdTaken)
    {
        CheckVersion(chat.Version, step.Version);
        Require(lastSequence + 1 == step.Turn.Sequence, $"The log ends with turn {lastSequence}, not {step.Turn.Sequence - 1}.");
        Require(step.Turn.State is TurnState.Queued || chat.FirstPending is null, "A turn is pending before this one.");
        Require(!isTurnIdTaken, "The turn's id is taken.");
        Require(
            step.Replaces is null || replaced is { IsPending: false, Revision: 0 },
            "The turn to replace does not have the request id, has not ended, or is in the history.");
        if (step.ExpectedRevision is { } expected)
        {
            CheckRevision(chat.Revision, expected);
        }

        if (step.Head is { } head)
        {
            CheckRevision(chat.Revision, head.ExpectedRevision);
        }
    }

    /// <summary>May the attempt start?</summary>
    public static void CheckStart(StartStep step, in ChatPlace chat, Func<string, bool> isGone)
    {
        Require(
            chat.FirstPending is { } first && (first.Sequence, first.TurnId) == (step.Sequence, step.TurnId),
            $"Turn {step.Sequence} is not the first pending one.");
        var turn = chat.FirstPending!.Value;
        Require(turn.Stop is TurnStop.None, "The turn must stop.");
        Require(turn.Attempt == step.Attempt - 1, $"The turn's last attempt is {turn.Attempt}, not {step.Attempt - 1}.");
        Require(turn.Owner is null || turn.Owner == step.Owner || isGone(turn.Owner), "Another owner, which lives, runs the turn.");
        CheckRevision(chat.Revision, step.ExpectedRevision);
    }

    /// <summary>May the turn end?</summary>
    public static void CheckEnd(EndStep step, in ChatPlace chat, TurnPlace? turn, Func<string, bool> isGone)
    {
        var place = RequirePending(turn, step.Sequence, step.TurnId, step.Attempt);
        Require(place.Stop == step.Stop, $"The turn's stop is {place.Stop}, not {step.Stop}.");
        Require(
            step.Owner is { } owner ? place.Owner == owner : place.Owner is null || isGone(place.Owner),
            "The turn's owner is another one.");
        Require(!step.Head.Recorded || chat.FirstPending?.Sequence == step.Sequence, "A turn is pending before this one.");
        CheckRevision(chat.Revision, step.Head.ExpectedRevision);
    }

    /// <summary>May the turn be released?</summary>
    public static void CheckRelease(ReleaseStep step, TurnPlace? turn) => RequireRunning(turn, step.Sequence, step.TurnId, step.Attempt, step.Owner);

    /// <summary>May the turn be stopped?</summary>
    public static void CheckStop(StopStep step, TurnPlace? turn) => RequirePending(turn, step.Sequence, step.TurnId);

    /// <summary>May the progress be kept?</summary>
    /// <param name="step">The step.</param>
    /// <param name="turn">The turn.</param>
    /// <param name="kept">How many steps of the turn are kept.</param>
    public static void CheckProgress(ProgressStep step, TurnPlace? turn, long kept)
    {
        RequireRunning(turn, step.Sequence, step.TurnId, step.Attempt, step.Owner);
        Require(kept == step.Place, $"{kept} steps of the turn are kept, not {step.Place}.");
    }

    /// <summary>Are the settings still those that the caller knows?</summary>
    public static void CheckVersion(long version, long expected) =>
        Require(version == expected, $"The chat's version is {version}, not {expected}.");

    private static void CheckRevision(long revision, long expected) =>
        Require(revision == expected, $"The chat's revision is {revision}, not {expected}.");

    private static void RequireRunning(TurnPlace? turn, long sequence, string turnId, int attempt, string owner)
    {
        var place = RequirePending(turn, sequence, turnId, attempt);
        Require(place.State is TurnState.Running, $"Turn {sequence} is not running.");
        Require(place.Owner == owner, "The turn's owner is another one.");
    }

    private static TurnPlace RequirePending(TurnPlace? turn, long sequence, string turnId, int attempt)
    {
        var place = RequirePending(turn, sequence, turnId);
        Require(place.Attempt == attempt, $"The turn's attempt is {place.Attempt}, not {attempt}.");
        return place;
    }

    // By its id as well: a chat that was deleted and created again has other turns under the same numbers.
    private static TurnPlace RequirePending(TurnPlace? turn, long sequence, string turnId)
    {
        Require(
            turn is { State: TurnState.Queued or TurnState.Running } place && place.TurnId == turnId, $"Turn {sequence} is not pending, or is another one.");
        return turn!.Value;
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ChatConflictException(message);
        }
    }
}

/// <summary>What a store holds of a chat, as far as preconditions ask.</summary>
internal readonly record struct ChatPlace(long Version, long Revision, TurnPlace? FirstPending);

/// <summary>What a store holds of a turn, as far as preconditions ask.</summary>
internal readonly record struct TurnPlace(long Sequence, string TurnId, TurnState State, int Attempt, string? Owner, TurnStop Stop);
