namespace GenAI.Chats.Storage.GrainStorage.Pages;

/// <summary>Converts turns between the log's message and the contract's record, except their payloads.</summary>
internal static class TurnMapping
{
    public static LogTurn ToLog(TurnRecord turn, Payload input, Payload? outcome)
    {
        var log = new LogTurn
        {
            Sequence = turn.Sequence,
            TurnId = turn.TurnId,
            RequestId = turn.RequestId,
            RequestHash = ByteString.CopyFrom(turn.RequestHash.Span),
            State = (int)turn.State,
            Attempt = turn.Attempt,
            UsedAttempts = turn.UsedAttempts,
            Revision = turn.Revision,
            Curated = turn.Curated,
            CreateTime = turn.CreateTime.UtcTicks,
            Stop = (int)turn.Stop,
            Input = input,
            Outcome = outcome,
        };
        if (turn.Owner is { } owner)
        {
            log.Owner = owner;
        }

        if (turn.StartTime is { } started)
        {
            log.StartTime = started.UtcTicks;
        }

        if (turn.EndTime is { } ended)
        {
            log.EndTime = ended.UtcTicks;
        }

        return log;
    }

    public static TurnRecord FromLog(LogTurn turn, byte[]? input, byte[]? outcome) => new()
    {
        Sequence = turn.Sequence,
        TurnId = turn.TurnId,
        RequestId = turn.RequestId,
        RequestHash = turn.RequestHash.ToByteArray(),
        State = (TurnState)turn.State,
        Attempt = turn.Attempt,
        UsedAttempts = turn.UsedAttempts,
        Owner = turn.HasOwner ? turn.Owner : null,
        Revision = turn.Revision,
        Curated = turn.Curated,
        CreateTime = Ticks.ToTime(turn.CreateTime),
        StartTime = turn.HasStartTime ? Ticks.ToTime(turn.StartTime) : null,
        EndTime = turn.HasEndTime ? Ticks.ToTime(turn.EndTime) : null,
        Stop = (TurnStop)turn.Stop,
        Input = input is null ? null! : TurnInput.Parser.Parse(input),
        InputBytes = turn.Input?.Size ?? 0,
        Outcome = outcome is null ? null : TurnOutcome.Parser.Parse(outcome),
    };

    public static TurnPlace PlaceOf(LogTurn turn) =>
        new(turn.Sequence, turn.TurnId, (TurnState)turn.State, turn.Attempt, turn.HasOwner ? turn.Owner : null, (TurnStop)turn.Stop);

    public static bool IsPending(LogTurn turn) => (TurnState)turn.State is TurnState.Queued or TurnState.Running;

    /// <summary>Indicates whether the turn is recorded: it has a revision, or is a piece of the initial history. A turn that was erased isn't.</summary>
    public static bool IsRecorded(LogTurn turn) => !turn.Erased && (turn.Revision > 0 || turn.TurnId.Length == 0);

    /// <summary>Returns what remains of a turn that was erased: its IDs.</summary>
    public static LogTurn Erased(LogTurn turn)
    {
        var rest = turn.Clone();
        (rest.Input, rest.Outcome, rest.Curated, rest.Erased) = (null, null, false, true);
        return rest;
    }

    /// <summary>Returns a turn with only those payloads that have records of their own.</summary>
    public static LogTurn OnlyRecords(LogTurn turn) => new()
    {
        Sequence = turn.Sequence,
        Input = turn.Input is { Record.Length: > 0 } input ? input : null,
        Outcome = turn.Outcome is { Record.Length: > 0 } outcome ? outcome : null,
        Progress = { turn.Progress.Where(static step => step.Record.Length > 0) },
    };
}
