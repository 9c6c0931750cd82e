using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Engine.Telemetry;

/// <summary>The metrics of chats and turns. They have no attribute with a chat's name, and a tenant's only if configured.</summary>
public sealed class ChatMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "GenAI.Chats.Engine";

    /// <summary>The configuration key that adds the tenant to the metrics of turns.</summary>
    public const string TenantKey = "Telemetry:TenantAttribute";

    private static readonly InstrumentAdvice<double> Turns = new()
    {
        HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
    };

    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstChunk;
    private readonly Histogram<double> _queueWait;
    private readonly Counter<long> _recoveries;
    private readonly Counter<long> _conflicts;
    private readonly Counter<long> _orphans;
    private readonly Counter<long> _heartbeatFailures;
    private readonly Meter _meter;
    private readonly bool _tellsTenant;
    private int _active;
    private int _pending;

    /// <summary>Creates the metrics.</summary>
    /// <param name="meters">Creates the meter. Null: a meter without a factory.</param>
    /// <param name="configuration">The configuration with <see cref="TenantKey"/>.</param>
    public ChatMetrics(IMeterFactory? meters = null, IConfiguration? configuration = null)
    {
        _tellsTenant = bool.TryParse(configuration?[TenantKey], out var tells) && tells;
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _duration = _meter.CreateHistogram("chats.turn.duration", "s", "Time from a turn's acceptance to its durable end.", null, Turns);
        _firstChunk = _meter.CreateHistogram(
            "chats.turn.time_to_first_chunk", "s", "Time from a streamed turn's acceptance to the model's first chunk.", null, Turns);
        _queueWait = _meter.CreateHistogram("chats.turn.queue_wait", "s", "Time from a turn's acceptance to its start.", null, Turns);
        _recoveries = _meter.CreateCounter<long>("chats.turn.recoveries", "{turn}", "Number of turns that were started again.");
        _conflicts = _meter.CreateCounter<long>("chats.conflicts", "{conflict}", "Number of write conflicts.");
        _orphans = _meter.CreateCounter<long>("chats.recovery.orphans", "{chat}", "Number of chats with orphaned turns that were activated.");
        _heartbeatFailures = _meter.CreateCounter<long>("chats.store.heartbeat.failures", "{heartbeat}", "Number of failed heartbeat writes.");
        _meter.CreateObservableUpDownCounter("chats.active", () => Volatile.Read(ref _active), "{chat}", "Number of chats in memory.");
    }

    /// <summary>Adds the gauges of a server's turns.</summary>
    /// <param name="running">Returns the number of running turns.</param>
    /// <param name="waiting">Returns the number of chats whose next turn waits until turns of other chats have ended.</param>
    internal void ObserveTurns(Func<int> running, Func<int> waiting)
    {
        _meter.CreateObservableUpDownCounter("chats.turns.running", running, "{turn}", "Number of turns that run on this server.");
        _meter.CreateObservableUpDownCounter(
            "chats.turns.queued",
            () => Math.Max(0, Volatile.Read(ref _pending) - running()),
            "{turn}",
            "Number of pending turns of chats in memory that don't run on this server: they wait, or run on another server.");
        _meter.CreateObservableUpDownCounter(
            "chats.turns.throttled", waiting, "{chat}", "Number of chats whose next turn waits until turns of other chats have ended.");
    }

    /// <summary>Adds the gauge of a server's heartbeat.</summary>
    /// <param name="age">Returns the time since the last successful heartbeat.</param>
    public void ObserveHeartbeat(Func<TimeSpan> age) => _meter.CreateObservableGauge(
        "chats.store.heartbeat.age", () => age().TotalSeconds, "s", "Time since this server's last successful heartbeat.");

    /// <summary>Counts a chat that comes into memory, or leaves it.</summary>
    public void ActiveChanged(int change) => Interlocked.Add(ref _active, change);

    /// <summary>Counts a change of the pending turns of a chat in memory.</summary>
    internal void PendingChanged(int change) => Interlocked.Add(ref _pending, change);

    /// <summary>Records the start of a turn's attempt.</summary>
    internal void Started(ChatKey key, TimeSpan waited, bool isRecovery, bool isOwnerLost)
    {
        if (isRecovery)
        {
            _recoveries.Add(1, new KeyValuePair<string, object?>("chats.recovery.reason", isOwnerLost ? "owner_lost" : "handoff"));
        }
        else if (_queueWait.Enabled)
        {
            Record(_queueWait, key, waited.TotalSeconds);
        }
    }

    /// <summary>Records a streamed turn's first chunk.</summary>
    internal void FirstChunk(ChatKey key, TimeSpan age)
    {
        if (_firstChunk.Enabled)
        {
            Record(_firstChunk, key, age.TotalSeconds);
        }
    }

    /// <summary>Records a turn's end.</summary>
    internal void Ended(ChatKey key, TurnRecord turn, TimeSpan age)
    {
        if (!_duration.Enabled || turn is { HasInput: true, Input.Recorded: not null })
        {
            return;
        }

        var seconds = age.TotalSeconds;
        var outcome = new KeyValuePair<string, object?>("chats.turn.outcome", Outcome(turn.State));
        if (turn.Outcome?.Error is { } error)
        {
            Record(_duration, key, seconds, outcome, new("error.type", error.Reason));
        }
        else
        {
            Record(_duration, key, seconds, outcome);
        }
    }

    /// <summary>Counts a write conflict.</summary>
    internal void Conflict() => _conflicts.Add(1);

    /// <summary>Counts chats with orphaned turns that are activated.</summary>
    public void OrphansFound(int chats, string source)
    {
        if (chats > 0)
        {
            _orphans.Add(chats, new KeyValuePair<string, object?>("chats.recovery.source", source));
        }
    }

    /// <summary>Counts a failed heartbeat write.</summary>
    public void HeartbeatFailed() => _heartbeatFailures.Add(1);

    /// <summary>Returns the value of the outcome attribute for a state.</summary>
    internal static string Outcome(TurnState state) => state switch
    {
        TurnState.Completed => "completed",
        TurnState.Failed => "failed",
        TurnState.Cancelled => "cancelled",
        _ => "released",
    };

    private void Record(Histogram<double> histogram, ChatKey key, double value, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_tellsTenant)
        {
            histogram.Record(value, [.. tags, new("chats.tenant", key.Tenant)]);
        }
        else
        {
            histogram.Record(value, tags);
        }
    }
}
