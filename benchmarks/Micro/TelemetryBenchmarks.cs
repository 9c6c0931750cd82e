using System.Diagnostics;
using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Engine.Telemetry;
using GenAI.Chats.Models;
using GenAI.Chats.Models.Telemetry;
using GenAI.Chats.V1;

namespace GenAI.Chats.Micro;

/// <summary>What a streamed turn costs in telemetry: all that the engine and the models' calls do for it, without the turn itself.</summary>
public class TelemetryBenchmarks
{
    private static readonly ModelIdentity Identity = new("gcp.gemini", ModelIdentity.GenerateContent, new Uri("http://localhost/"));

    private readonly ChatMetrics _metrics = new();
    private readonly ModelTelemetry _models = new(TimeProvider.System);
    private readonly ChatKey _key = new("default", "chat");
    private readonly GenerateContentResponse[] _chunks = [.. Samples.Chunks()];
    private readonly ModelRequest _request = new()
    {
        Model = "gemini-2.5-flash",
        Contents = [],
        ReadHistoryAsync = static _ => ValueTask.FromResult<IReadOnlyList<Content>>([]),
        Stream = true,
    };

    private readonly TurnRecord _turn = new()
    {
        Sequence = 1,
        TurnId = "turn",
        RequestId = "request",
        RequestHash = default,
        State = TurnState.Completed,
        CreateTime = DateTimeOffset.UtcNow,
        StartTime = DateTimeOffset.UtcNow,
        EndTime = DateTimeOffset.UtcNow,
        Input = new TurnInput(),
        Outcome = new TurnOutcome(),
    };

    private Action _leave = static () => { };

    /// <summary>Whether somebody listens to all of it, and drops it at once.</summary>
    [Params(false, true)]
    public bool Heard { get; set; }

    [GlobalSetup]
    public void Listen()
    {
        if (!Heard)
        {
            return;
        }

        var spans = new ActivityListener
        {
            ShouldListenTo = static source => source.Name.StartsWith("GenAI.Chats", StringComparison.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(spans);
        var measurements = new MeterListener { InstrumentPublished = static (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        measurements.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        measurements.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        measurements.Start();
        _leave = () =>
        {
            spans.Dispose();
            measurements.Dispose();
        };
    }

    [GlobalCleanup]
    public void Leave() => _leave();

    /// <summary>A turn.</summary>
    [Benchmark]
    public void Turn()
    {
        using (ChatTracing.StartCall("Send", Activity.Current?.Id))
        {
            _turn.Input.TraceParent = ChatTracing.Accepting;
            ChatTracing.Accepted(_turn);
            _metrics.Started(_key, TimeSpan.Zero, isRecovery: false, isOwnerLost: false);
        }

        ChatTracing.Detach();
        using var span = ChatTracing.StartTurn(_key, _request.Model, _turn);
        Call();
        _metrics.FirstChunk(_key, TimeSpan.Zero);
        ChatTracing.End(span, "completed", null);
        _metrics.Ended(_key, _turn, TimeSpan.Zero);
    }

    private void Call()
    {
        using var call = _models.Begin(Identity, _request);
        call?.Aim(Identity, _request.Model);
        foreach (var chunk in _chunks)
        {
            call?.Saw(chunk);
        }

        call?.End();
    }
}
