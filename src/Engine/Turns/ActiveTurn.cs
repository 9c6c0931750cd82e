namespace GenAI.Chats.Engine.Turns;

/// <summary>A pending turn in an activation: the record as last committed, its events, and the handle that stops it.</summary>
#pragma warning disable CA1001 // The source has neither a timer nor a wait handle, so nothing needs disposal; and a stop may come when the turn has just ended.
internal sealed class ActiveTurn
#pragma warning restore CA1001
{
    // A smaller input stays in memory while its turn waits.
    private const int MaxKeptInput = 64 * 1024;

    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _ageBefore;
    private readonly long _known;

    public ActiveTurn(TurnRecord record, TimeProvider time)
    {
        // For the time before this activation read the turn there are only the servers' clocks.
        _ageBefore = TimeSpan.FromTicks(Math.Max(0, (time.GetUtcNow() - record.CreateTime).Ticks));
        _known = time.GetTimestamp();
        _time = time;
        Record = record;
        MayHaveProgress = record.Attempt > 0;
    }

    /// <summary>Gets or sets the turn as stored. Setting a record with a stop stops the turn.</summary>
    public TurnRecord Record
    {
        get;
        set
        {
            field = value;
            if (value.Stop is not TurnStop.None)
            {
                RequestStop(StopCause.Stored);
            }
        }
    }

    /// <summary>Gets the turn's events so far.</summary>
    public EventLog Log { get; } = new();

    /// <summary>Gets or sets whether this activation has started the turn's attempt, and runs it or is about to.</summary>
    public bool RunsHere { get; set; }

    /// <summary>Gets or sets whether the attempt that runs here has its outcome, which isn't durable yet.</summary>
    public bool HasAnswered { get; set; }

    /// <summary>Gets the <see cref="TimeProvider.GetTimestamp"/> at which this activation started the turn's attempt.</summary>
    public long StartTimestamp { get; private set; }

    /// <summary>Gets how long ago the turn was accepted. If a clock is set while this activation has the turn, the age doesn't change.</summary>
    public TimeSpan Age => _ageBefore + _time.GetElapsedTime(_known);

    /// <summary>Gets or sets whether the store may have progress of the turn, from this attempt or an earlier one.</summary>
    public bool MayHaveProgress { get; set; }

    /// <summary>Gets a token that is canceled when the turn must stop.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Gets or sets the last end that was tried here. The store may have it even if its reply was lost.</summary>
    public EndStep? Ending { get; set; }

    /// <summary>Gets why the turn was stopped.</summary>
    public StopCause Cause { get; private set; }

    /// <summary>Drops a large input, which is read again when the turn starts.</summary>
    public void Wait() => Record = Record.InputBytes > MaxKeptInput ? Record.WithoutInput() : Record;

    /// <summary>Begins an attempt whose start is durable and this activation's own.</summary>
    public void Begin(TurnRecord started)
    {
        Record = started;
        StartTimestamp = _time.GetTimestamp();
        RunsHere = true;
        HasAnswered = false;
        MayHaveProgress = started.Attempt > 1;
        Log.Restart(Views.Started(started, EventOffsets.Before(started.Attempt) + 1));
    }

    /// <summary>Records a chunk, and publishes it to readers.</summary>
    public void Publish(GenerateContentResponse chunk, TurnRecorder recorder)
    {
        var next = EventBytes.Of(Log.LastOffset + 1, chunk, out var bytes);
        recorder.Add(chunk, bytes);
        Log.Append(next);
    }

    /// <summary>Records the responses to an answer's calls, and publishes them to readers.</summary>
    public void PublishResponses(GenerateContentResponse responses, TurnRecorder recorder)
    {
        var next = EventBytes.Of(Log.LastOffset + 1, responses, out var bytes);
        recorder.AddResponses(responses, bytes);
        Log.Append(next);
    }

    /// <summary>Returns whether the stored turn has the end that was tried here, even if the store's reply was lost.</summary>
    public bool HasEndedHere(TurnRecord? stored) =>
        stored is { IsPending: false } && Ending is { } step
        && (stored.Attempt, stored.EndTime) == (step.Attempt, step.EndTime)
        && step.Outcome.Equals(stored.Outcome);

    /// <summary>Publishes the turn's end to readers. If the turn didn't run here, its other events come before.</summary>
    public void PublishEnd()
    {
        if (RunsHere)
        {
            Log.Append(new TurnEvent { Offset = Log.LastOffset + 1, Ended = Views.Turn(Record) });
        }
        else
        {
            Replay();
        }
    }

    /// <summary>Publishes all events of a turn that has ended, for readers that saw none of them, or only those of a superseded attempt.</summary>
    public void Replay()
    {
        var isFirst = true;
        foreach (var next in Views.Events(Record))
        {
            if (isFirst)
            {
                Log.Restart(next);
                isFirst = false;
            }
            else
            {
                Log.Append(next);
            }
        }
    }

    /// <summary>Stops the turn. The first cause stays.</summary>
    public void RequestStop(StopCause cause)
    {
        Cause = Cause is StopCause.None ? cause : Cause;
        _stop.Cancel();
    }
}

/// <summary>Why a turn is stopped before its model has ended.</summary>
internal enum StopCause
{
    /// <summary>The turn isn't stopped.</summary>
    None,

    /// <summary>A stop is stored, and says how the turn ends.</summary>
    Stored,

    /// <summary>The turn doesn't end here: it is handed off to another server.</summary>
    Released,

    /// <summary>The turn doesn't end here: this activation lost its chat.</summary>
    Abandoned,
}
