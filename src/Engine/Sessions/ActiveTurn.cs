using GenAI.Chats.Engine.Chunks;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>A pending turn as its activation holds it: the record as last committed, its events, and the handle that stops it.</summary>
#pragma warning disable CA1001 // The source has neither a timer nor a wait handle, so nothing needs disposal; and a stop may come when the turn has just ended.
internal sealed class ActiveTurn
#pragma warning restore CA1001
{
    // An input that is smaller stays in memory while its turn waits.
    private const int MaxKeptInput = 64 * 1024;

    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _ageBefore;
    private readonly long _known;

    public ActiveTurn(TurnRecord record, TimeProvider time)
    {
        // For the time before this activation knew the turn there are only the servers' clocks.
        _ageBefore = TimeSpan.FromTicks(Math.Max(0, (time.GetUtcNow() - record.CreateTime).Ticks));
        _known = time.GetTimestamp();
        _time = time;
        Record = record;
        MayHaveProgress = record.Attempt > 0;
    }

    /// <summary>The turn as the store has it. A stop in it is one here.</summary>
    public TurnRecord Record
    {
        get;
        set
        {
            field = value;
            if (value.Stop is not TurnStop.None)
            {
                RequestStop(CauseOf(value.Stop));
            }
        }
    }

    /// <summary>Its events so far.</summary>
    public EventLog Log { get; } = new();

    /// <summary>Whether this activation has started the turn's attempt, and so runs it or is about to.</summary>
    public bool RunsHere { get; set; }

    /// <summary>When this activation started the turn's attempt, as the process's <see cref="TimeProvider.GetTimestamp"/> has it.</summary>
    public long StartTimestamp { get; private set; }

    /// <summary>How long ago the turn was accepted. A clock that is set while this activation knows the turn doesn't change it.</summary>
    public TimeSpan Age => _ageBefore + _time.GetElapsedTime(_known);

    /// <summary>Whether the store may have progress of the turn, its own or that of an earlier attempt.</summary>
    public bool MayHaveProgress { get; set; }

    /// <summary>How many steps of the turn the store has kept, as far as this attempt knows.</summary>
    public int KeptSteps { get; set; }

    /// <summary>Whether that is sure: no step of it has an unknown outcome.</summary>
    public bool IsProgressKnown { get; set; } = true;

    /// <summary>Cancelled when the turn is to stop.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>The end that was last tried here; the store may have it though its reply was lost.</summary>
    public EndStep? Ending { get; set; }

    /// <summary>Why the turn was stopped.</summary>
    public StopCause Cause { get; private set; }

    /// <summary>Drops a large input; it is read again when the turn starts.</summary>
    public void Wait() => Record = Record.InputBytes > MaxKeptInput ? Record.WithoutInput() : Record;

    /// <summary>The start of the turn's attempt is durable, and this activation's own.</summary>
    public void Begin(TurnRecord started)
    {
        Record = started;
        StartTimestamp = _time.GetTimestamp();
        RunsHere = true;
        MayHaveProgress = started.Attempt > 1;
        Log.Restart(Views.Started(started, EventOffsets.Before(started.Attempt) + 1));
    }

    /// <summary>Records a chunk, and hands it out.</summary>
    public void Publish(GenerateContentResponse chunk, TurnRecorder recorder)
    {
        var next = EventBytes.Of(Log.LastOffset + 1, chunk, out var bytes);
        recorder.Add(chunk, bytes);
        Log.Append(next);
    }

    /// <summary>Records the responses to an answer's calls, and hands them out.</summary>
    public void PublishResponses(GenerateContentResponse responses, TurnRecorder recorder)
    {
        var next = EventBytes.Of(Log.LastOffset + 1, responses, out var bytes);
        recorder.AddResponses(responses, bytes);
        Log.Append(next);
    }

    /// <summary>Stops the turn. The first cause stays, except that what is rolled back is no longer kept.</summary>
    public void RequestStop(StopCause cause)
    {
        if (Cause is StopCause.None || (Cause is StopCause.Cancelled && cause is StopCause.RolledBack))
        {
            Cause = cause;
        }

        _stop.Cancel();
    }

    /// <summary>The cause that a stop in the store is here.</summary>
    public static StopCause CauseOf(TurnStop stop) => stop is TurnStop.RollBack ? StopCause.RolledBack : StopCause.Cancelled;
}

/// <summary>Why a turn is stopped before its model has ended.</summary>
internal enum StopCause
{
    None,

    /// <summary>Ends as cancelled; what came so far stays in the comprehensive history.</summary>
    Cancelled,

    /// <summary>Ends as cancelled; nothing of it stays.</summary>
    RolledBack,

    /// <summary>Does not end here: it is left to another server.</summary>
    Released,

    /// <summary>Does not end here: this activation lost its chat.</summary>
    Abandoned,
}
