using System.Diagnostics.Metrics;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Sessions;
using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Engine.Telemetry;

/// <summary>What is counted and measured of chats and turns. No name of a chat is in it; a tenant's only where that is asked for.</summary>
internal sealed class ChatMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "GenAI.Chats.Engine";

    /// <summary>The key of section <c>Telemetry</c> that has turns counted by tenant.</summary>
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
    private readonly Counter<long> _found;
    private readonly Counter<long> _failedBeats;
    private readonly bool _tellsTenant;
    private int _activations;
    private int _pending;

    public ChatMetrics(
        IMeterFactory? meters = null, ServerState? server = null, StoreBeat? beat = null, IConfiguration? configuration = null)
    {
        _tellsTenant = bool.TryParse(configuration?[TenantKey], out var tells) && tells;
        var meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _duration = meter.CreateHistogram("chats.turn.duration", "s", "From a turn's acceptance to its durable end.", null, Turns);
        _firstChunk = meter.CreateHistogram(
            "chats.turn.time_to_first_chunk", "s", "From a streamed turn's acceptance to its model's first chunk.", null, Turns);
        _queueWait = meter.CreateHistogram("chats.turn.queue_wait", "s", "From a turn's acceptance to its start.", null, Turns);
        _recoveries = meter.CreateCounter<long>("chats.turn.recoveries", "{turn}", "Turns that were started again.");
        _conflicts = meter.CreateCounter<long>("chats.conflicts", "{conflict}", "Activations that gave way as their chat was written elsewhere.");
        _found = meter.CreateCounter<long>("chats.sweep.findings", "{chat}", "Chats that were woken as nobody ran their turns.");
        _failedBeats = meter.CreateCounter<long>("chats.store.beat.failures", "{beat}", "Beats that the store did not take.");
        meter.CreateObservableUpDownCounter("chats.activations", () => Volatile.Read(ref _activations), "{chat}", "Chats in memory.");
        meter.CreateObservableUpDownCounter("chats.turns.running", () => server?.Running ?? 0, "{turn}", "Turns that run here.");
        meter.CreateObservableUpDownCounter(
            "chats.turns.queued",
            () => Math.Max(0, Volatile.Read(ref _pending) - (server?.Running ?? 0)),
            "{turn}",
            "Turns of chats in memory that do not run here: they wait for others of their chat, or run elsewhere.");
        meter.CreateObservableUpDownCounter(
            "chats.turns.throttled", () => server?.Slots.Waiting ?? 0, "{chat}", "Chats that wait to start a turn because the server is at its limit.");
        meter.CreateObservableGauge("chats.store.beat.age", () => beat?.Age.TotalSeconds ?? 0, "s", "Since the store last took this server's beat.");
    }

    /// <summary>A chat comes into memory, or leaves it.</summary>
    public void Activated(int change) => Interlocked.Add(ref _activations, change);

    /// <summary>The number of pending turns of a chat in memory changes.</summary>
    public void PendingChanged(int change) => Interlocked.Add(ref _pending, change);

    /// <summary>A turn starts: its first attempt, or a later one.</summary>
    public void Started(ChatKey key, TimeSpan waited, bool isRecovery, bool ownerWasGone)
    {
        if (isRecovery)
        {
            _recoveries.Add(1, new KeyValuePair<string, object?>("chats.recovery.reason", ownerWasGone ? "owner_gone" : "released"));
        }
        else if (_queueWait.Enabled)
        {
            Record(_queueWait, key, waited.TotalSeconds);
        }
    }

    /// <summary>A streamed turn's first chunk has come.</summary>
    public void FirstChunk(ChatKey key, TimeSpan age)
    {
        if (_firstChunk.Enabled)
        {
            Record(_firstChunk, key, age.TotalSeconds);
        }
    }

    /// <summary>A turn has ended.</summary>
    public void Ended(ChatKey key, TurnRecord turn, TimeSpan age)
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

    /// <summary>A commit met a conflict that ended its activation.</summary>
    public void Conflict() => _conflicts.Add(1);

    /// <summary>The sweep wakes chats.</summary>
    public void Found(int chats, string source)
    {
        if (chats > 0)
        {
            _found.Add(chats, new KeyValuePair<string, object?>("chats.sweep.source", source));
        }
    }

    /// <summary>The store did not take a beat.</summary>
    public void BeatFailed() => _failedBeats.Add(1);

    /// <summary>A state that is an end, in lower case.</summary>
    public static string Outcome(TurnState state) => state switch
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
