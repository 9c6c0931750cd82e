using System.Runtime.CompilerServices;

namespace GenAI.Chats.Engine.Storage;

/// <summary>
/// The preconditions of the steps, for all stores: a store reads what it holds, checks the preconditions, and only then writes. Each check
/// throws <see cref="ChatConflictException"/>.
/// </summary>
public static class StepPreconditions
{
    /// <summary>Creates the exception for a chat that doesn't exist.</summary>
    public static ChatConflictException NoSuchChat() => new("The chat doesn't exist.");

    /// <summary>Checks whether the chat can be forked.</summary>
    /// <param name="step">The step.</param>
    /// <param name="incarnation">The incarnation of the source; null if it doesn't exist.</param>
    /// <param name="hasPath">Whether the source has all turns of the path.</param>
    public static void CheckFork(ForkStep step, string? incarnation, bool hasPath)
    {
        Require(incarnation is not null, "The source doesn't exist.");
        Require(incarnation == step.SourceIncarnation, "The source has another incarnation.");
        Require(hasPath, "The source doesn't have all turns of the path.");
    }

    /// <summary>Checks whether the turn can be appended, apart from its request ID.</summary>
    /// <param name="step">The step.</param>
    /// <param name="chat">The chat.</param>
    /// <param name="lastSequence">The number of the log's last turn.</param>
    /// <param name="replaced">The turn that has the step's request ID.</param>
    /// <param name="isTurnIdTaken">Whether a turn of the chat has the turn's ID.</param>
    public static void CheckAccept(AcceptStep step, in ChatPlace chat, long lastSequence, TurnRecord? replaced, bool isTurnIdTaken)
    {
        CheckVersion(chat.Version, step.Version);
        Require(lastSequence + 1 == step.Turn.Sequence, $"The log ends with turn {lastSequence}, not {step.Turn.Sequence - 1}.");
        Require(step.Turn.State is TurnState.Queued || chat.FirstPending is null, "A turn is pending before this one.");
        Require(!isTurnIdTaken, "The turn ID is in use.");
        Require(
            step.Replaces is null || replaced is { IsPending: false, Revision: 0 },
            "The turn to replace doesn't have the request ID, hasn't ended, or is in the history.");
        if (step.ExpectedRevision is { } expected)
        {
            CheckRevision(chat.Revision, expected);
        }

        if (step.Head is { } head)
        {
            CheckRevision(chat.Revision, head.ExpectedRevision);
        }
    }

    /// <summary>Checks whether the attempt can start.</summary>
    public static void CheckStart(StartStep step, in ChatPlace chat, Func<string, bool> isGone)
    {
        Require(
            chat.FirstPending is { } first && (first.Sequence, first.TurnId) == (step.Sequence, step.TurnId),
            $"Turn {step.Sequence} isn't the first pending turn.");
        var turn = chat.FirstPending!.Value;
        Require(turn.Stop is TurnStop.None, "The turn has a stop.");
        Require(turn.Attempt == step.Attempt - 1, $"The turn's last attempt is {turn.Attempt}, not {step.Attempt - 1}.");
        Require(turn.Owner is null || turn.Owner == step.Owner || isGone(turn.Owner), "Another live owner runs the turn.");
        CheckRevision(chat.Revision, step.ExpectedRevision);
    }

    /// <summary>Checks whether the turn can end.</summary>
    public static void CheckEnd(EndStep step, in ChatPlace chat, TurnPlace? turn, Func<string, bool> isGone)
    {
        var place = RequirePending(turn, step.Sequence, step.TurnId, step.Attempt);
        Require((place.State is TurnState.Running) == step.IsRunning, $"The turn is {(step.IsRunning ? "not " : "")}running.");
        Require(place.Stop == step.Stop, $"The turn's stop is {place.Stop}, not {step.Stop}.");
        Require(
            step.Owner is { } owner ? place.Owner == owner : place.Owner is null || isGone(place.Owner),
            "The turn has another owner.");
        Require(!step.Head.Recorded || chat.FirstPending?.Sequence == step.Sequence, "A turn is pending before this one.");
        CheckRevision(chat.Revision, step.Head.ExpectedRevision);
        if (step.Version is { } version)
        {
            CheckVersion(chat.Version, version);
        }
    }

    /// <summary>Checks whether the turn can be released.</summary>
    public static void CheckRelease(ReleaseStep step, TurnPlace? turn) => RequireRunning(turn, step.Sequence, step.TurnId, step.Attempt, step.Owner);

    /// <summary>Checks whether the turn can be stopped.</summary>
    public static void CheckStop(StopStep step, TurnPlace? turn) => RequirePending(turn, step.Sequence, step.TurnId);

    /// <summary>Checks whether the progress can be stored.</summary>
    /// <param name="step">The step.</param>
    /// <param name="turn">The turn.</param>
    /// <param name="kept">The number of progress records of the turn.</param>
    public static void CheckProgress(ProgressStep step, TurnPlace? turn, long kept)
    {
        RequireRunning(turn, step.Sequence, step.TurnId, step.Attempt, step.Owner);
        Require(kept == step.Place, $"The turn has {kept} progress records, not {step.Place}.");
    }

    /// <summary>Checks the version of the settings.</summary>
    public static void CheckVersion(long version, long expected) =>
        Require(version == expected, $"The chat's version is {version}, not {expected}.");

    private static void CheckRevision(long revision, long expected) =>
        Require(revision == expected, $"The chat's revision is {revision}, not {expected}.");

    private static void RequireRunning(TurnPlace? turn, long sequence, string turnId, int attempt, string owner)
    {
        var place = RequirePending(turn, sequence, turnId, attempt);
        Require(place.State is TurnState.Running, $"Turn {sequence} isn't running.");
        Require(place.Owner == owner, "The turn has another owner.");
    }

    private static TurnPlace RequirePending(TurnPlace? turn, long sequence, string turnId, int attempt)
    {
        var place = RequirePending(turn, sequence, turnId);
        Require(place.Attempt == attempt, $"The turn's attempt is {place.Attempt}, not {attempt}.");
        return place;
    }

    // Compares the ID as well: a chat that was deleted and created again has other turns with the same numbers.
    private static TurnPlace RequirePending(TurnPlace? turn, long sequence, string turnId)
    {
        Require(
            turn is { State: TurnState.Queued or TurnState.Running } place && place.TurnId == turnId, $"Turn {sequence} isn't pending, or has another ID.");
        return turn!.Value;
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ChatConflictException(message);
        }
    }

    private static void Require(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] ref ConflictText message)
    {
        if (!condition)
        {
            throw new ChatConflictException(message.ToString());
        }
    }

    // Formats its text only if the condition doesn't hold.
    [InterpolatedStringHandler]
    private ref struct ConflictText
    {
        private DefaultInterpolatedStringHandler _text;

        public ConflictText(int literalLength, int formattedCount, bool condition, out bool isNeeded)
        {
            isNeeded = !condition;
            _text = isNeeded ? new(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
        }

        public void AppendLiteral(string text) => _text.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public override string ToString() => _text.ToStringAndClear();
    }
}

/// <summary>The state of a chat that preconditions depend on.</summary>
/// <param name="Version">The version of the settings.</param>
/// <param name="Revision">The revision.</param>
/// <param name="FirstPending">The first pending turn, or null.</param>
public readonly record struct ChatPlace(long Version, long Revision, TurnPlace? FirstPending);

/// <summary>The state of a turn that preconditions depend on.</summary>
/// <param name="Sequence">The number.</param>
/// <param name="TurnId">The ID.</param>
/// <param name="State">The state.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Owner">The owner, or null.</param>
/// <param name="Stop">The stop.</param>
public readonly record struct TurnPlace(long Sequence, string TurnId, TurnState State, int Attempt, string? Owner, TurnStop Stop);
