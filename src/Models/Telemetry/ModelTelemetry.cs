using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Telemetry;

/// <summary>Spans and metrics of model calls: OpenTelemetry's conventions for generative AI, and this service's own.</summary>
internal sealed class ModelTelemetry
{
    /// <summary>The name of the activity source and the meter.</summary>
    public const string Name = "GenAI.Chats.Models";

    private const string Route = "chats.model.route";

    // The bucket boundaries of the conventions.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
    };

    private static readonly InstrumentAdvice<long> TokenCounts = new()
    {
        HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
    };

    private static readonly ActivitySource Source = new(Name);

    private readonly ConcurrentBag<Func<RouteState>> _routes = [];
    private readonly Counter<long> _retries;
    private readonly Counter<long> _failovers;
    private readonly TimeProvider _time;

    public ModelTelemetry(TimeProvider time, IMeterFactory? meters = null, IOptions<ModelTelemetryOptions>? options = null)
    {
        _time = time;
        CapturesContent = options?.Value.CaptureContent ?? false;
        var meter = meters?.Create(Name) ?? new Meter(Name);
        Duration = meter.CreateHistogram("gen_ai.client.operation.duration", "s", "Duration of model calls.", null, Seconds);
        FirstChunk = meter.CreateHistogram(
            "gen_ai.client.operation.time_to_first_chunk", "s", "Time to the first chunk of a model's response.", null, Seconds);
        Tokens = meter.CreateHistogram("gen_ai.client.token.usage", "{token}", "Tokens used by a model call.", null, TokenCounts);
        _retries = meter.CreateCounter<long>("chats.model.retries", "{call}", "Model calls that were retried after a failure.");
        _failovers = meter.CreateCounter<long>("chats.model.failovers", "{call}", "Model calls that failed over to the next target of their route.");
        meter.CreateObservableGauge(
            "chats.model.breaker.state", ObserveBreakers, "{state}", "Circuit breaker state of a target: 0 closed, 1 half-open, 2 open.");
        meter.CreateObservableUpDownCounter(
            "chats.model.calls.running", () => Observe(static route => route.Running), "{call}", "Model calls in progress.");
        meter.CreateObservableUpDownCounter(
            "chats.model.calls.waiting", () => Observe(static route => route.Waiting), "{call}", "Model calls that wait for their route's limits.");
    }

    /// <summary>Gets whether spans may contain prompts and responses.</summary>
    public bool CapturesContent { get; }

    public Histogram<double> Duration { get; }

    public Histogram<double> FirstChunk { get; }

    public Histogram<long> Tokens { get; }

    /// <summary>Adds a route to the observed metrics.</summary>
    public void Watch(Func<RouteState> route) => _routes.Add(route);

    /// <summary>Starts to observe a model call. Returns null if there are no listeners.</summary>
    /// <remarks>The span becomes the current one, so call this from the asynchronous method that makes the call.</remarks>
    public CallObservation? Begin(ModelIdentity identity, ModelRequest request)
    {
        // Only as a part of the caller's trace, which decides about sampling.
        var isTraced = Activity.Current is not null && Source.HasListeners();
        if (!isTraced && !Duration.Enabled && !Tokens.Enabled && !FirstChunk.Enabled)
        {
            return null;
        }

        var span = isTraced ? Source.StartActivity($"{identity.Operation} {request.Model}", ActivityKind.Client) : null;
        if (span is { IsAllDataRequested: true })
        {
            SpanAttributes.Describe(span, request);
        }

        return new CallObservation(this, identity, request, span, _time);
    }

    /// <summary>Counts a retry.</summary>
    public void Retrying(string route, string reason) => _retries.Add(1, new(Route, route), new(Attributes.ErrorType, reason));

    /// <summary>Counts a failover.</summary>
    public void FailedOver(string route, string reason) => _failovers.Add(1, new(Route, route), new(Attributes.ErrorType, reason));

    private IEnumerable<Measurement<int>> ObserveBreakers() =>
        from route in _routes.Select(state => state())
        from target in route.Targets.Index()
        select new Measurement<int>(
            target.Item.BreakerState, new(Route, route.Name), new("chats.model.target", target.Index), new(Attributes.Provider, target.Item.Provider));

    private IEnumerable<Measurement<int>> Observe(Func<RouteState, int> count) => _routes.Select(state => state())
        .Select(route => new Measurement<int>(count(route), new KeyValuePair<string, object?>(Route, route.Name)));
}

/// <summary>The current state of a route, for metrics.</summary>
/// <param name="Name">The route's name.</param>
/// <param name="Running">The number of calls in progress.</param>
/// <param name="Waiting">The number of calls that wait for the route's limits.</param>
/// <param name="Targets">The provider and circuit breaker state of each target: 0 closed, 1 half-open, 2 open.</param>
internal sealed record RouteState(string Name, int Running, int Waiting, IEnumerable<(string Provider, int BreakerState)> Targets);
