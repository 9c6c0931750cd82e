using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using GenAI.Chats.Models.Calls;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Telemetry;

/// <summary>Spans and metrics of calls of models: OpenTelemetry's conventions for generative AI, and what they have no words for.</summary>
internal sealed class ModelTelemetry
{
    /// <summary>The name of the source of spans, and of the meter.</summary>
    public const string Name = "GenAI.Chats.Models";

    // As the conventions have them.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
    };

    private static readonly InstrumentAdvice<long> TokenCounts = new()
    {
        HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
    };

    private static readonly ActivitySource Source = new(Name);

    private readonly ConcurrentBag<RouteModel> _routes = [];
    private readonly Counter<long> _retries;
    private readonly Counter<long> _failovers;
    private readonly TimeProvider _time;

    public ModelTelemetry(TimeProvider time, IMeterFactory? meters = null, IOptions<ModelTelemetryOptions>? options = null)
    {
        _time = time;
        CapturesContent = options?.Value.CaptureContent ?? false;
        var meter = meters?.Create(Name) ?? new Meter(Name);
        Duration = meter.CreateHistogram("gen_ai.client.operation.duration", "s", "How long a call of a model took.", null, Seconds);
        FirstChunk = meter.CreateHistogram(
            "gen_ai.client.operation.time_to_first_chunk", "s", "How long a model took to begin its answer.", null, Seconds);
        Tokens = meter.CreateHistogram("gen_ai.client.token.usage", "{token}", "How many tokens a call took.", null, TokenCounts);
        _retries = meter.CreateCounter<long>("chats.model.retries", "{call}", "Calls of models that were made again after a failure.");
        _failovers = meter.CreateCounter<long>("chats.model.failovers", "{call}", "Calls that went to a route's next target.");
        meter.CreateObservableGauge(
            "chats.model.breaker.state", () => States(), "{state}", "Whether a target is called: 0 yes, 1 it is tried, 2 it is left alone.");
        meter.CreateObservableUpDownCounter(
            "chats.model.calls.running", () => Calls(static calls => calls.Running), "{call}", "Calls of models that are under way.");
        meter.CreateObservableUpDownCounter(
            "chats.model.calls.waiting", () => Calls(static calls => calls.Waiting), "{call}", "Calls that wait for others of their route.");
    }

    /// <summary>Whether spans may hold what is said.</summary>
    public bool CapturesContent { get; }

    public Histogram<double> Duration { get; }

    public Histogram<double> FirstChunk { get; }

    public Histogram<long> Tokens { get; }

    /// <summary>Has a route's state observed.</summary>
    public void Watch(RouteModel route) => _routes.Add(route);

    /// <summary>A call of a model begins. Null where nobody listens.</summary>
    /// <remarks>The span becomes the current one: call this from the method that makes the call, and is asynchronous.</remarks>
    public CallObservation? Begin(ModelIdentity identity, ModelRequest request)
    {
        // Only as a part of the caller's trace: who samples decides there.
        var isTraced = Activity.Current is not null && Source.HasListeners();
        if (!isTraced && !Duration.Enabled && !Tokens.Enabled && !FirstChunk.Enabled)
        {
            return null;
        }

        var span = isTraced ? Source.StartActivity($"{identity.Operation} {request.Model}", ActivityKind.Client) : null;
        return new CallObservation(this, identity, request, span, _time);
    }

    /// <summary>A call is made again.</summary>
    public void Retrying(string route, string reason) => _retries.Add(1, new("chats.model.route", route), new(Attributes.ErrorType, reason));

    /// <summary>A call goes to the next target.</summary>
    public void FailedOver(string route, string reason) => _failovers.Add(1, new("chats.model.route", route), new(Attributes.ErrorType, reason));

    private IEnumerable<Measurement<int>> States() =>
        from route in _routes
        from target in route.Targets.Index()
        select new Measurement<int>(
            target.Item.BreakerState, new("chats.model.route", route.Name), new("chats.model.target", target.Index), new(Attributes.Provider, target.Item.Identity.Provider));

    private IEnumerable<Measurement<int>> Calls(Func<(int Running, int Waiting), int> count) =>
        _routes.Select(route => new Measurement<int>(count(route.Calls), new KeyValuePair<string, object?>("chats.model.route", route.Name)));
}
