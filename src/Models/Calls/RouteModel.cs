using System.Diagnostics;
using System.Runtime.CompilerServices;
using GenAI.Chats.Models.Requests;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using GenAI.Chats.V1;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// The model of a route: one call of it is as many calls of the route's targets as it takes to get an answer. All is decided before the
/// answer's first content; afterwards the responses pass through as they come.
/// </summary>
internal sealed class RouteModel : IChatModel, IDisposable
{
    private readonly ModelRoute _route;
    private readonly CallGate _gate;
    private readonly EmptyAnswers _answers;
    private readonly TimeProvider _time;
    private readonly ModelTelemetry _telemetry;
    private long _tickets;

    /// <param name="route">How its models are called.</param>
    /// <param name="create">Makes the model of a target.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">For <see cref="CallsLog"/>.</param>
    /// <param name="telemetry">For spans and metrics.</param>
    public RouteModel(ModelRoute route, Func<ModelTarget, IChatModel> create, TimeProvider time, ILogger log, ModelTelemetry? telemetry = null)
    {
        _route = route;
        _time = time;
        _telemetry = telemetry ?? new ModelTelemetry(time);
        _gate = new CallGate(new RouteLimits(route.Limits, time), route.Limits.MaxWaitingCalls, time);
        Targets = [.. route.AllTargets().Select(target => new Target(route, target, create(target), _gate, time, log))];
        _answers = new EmptyAnswers(route, new Retries(route, new Failover(route, Targets, _telemetry, log), time, _telemetry, log), log);
        _telemetry.Watch(this);
    }

    /// <summary>The pattern of its models' names.</summary>
    public string Name => _route.Name;

    /// <summary>The targets in order of preference.</summary>
    public IReadOnlyList<Target> Targets { get; }

    /// <summary>How many calls run, and how many wait for others to end.</summary>
    public (int Running, int Waiting) Calls => (_gate.Running, _gate.Waiting);

    /// <inheritdoc/>
    /// <remarks>What the first target cannot take, the route cannot: see <see cref="Failover"/>.</remarks>
    public void Check(GenerateContentConfig? config, IReadOnlyList<Content> contents)
    {
        ExtraBody.CheckAllowed(config, _route.AllowExtraBody);
        Targets[0].Model.Check(config, contents);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
        ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        ExtraBody.CheckAllowed(request.Config, _route.AllowExtraBody);
        using var observation = _telemetry.Begin(Targets[0].Identity, request);
        using var call = new RouteCall(request, Interlocked.Increment(ref _tickets), _route.Timeouts, _time, cancellationToken)
        {
            Observation = observation,
        };
        var answer = await call.GuardAsync(OpenAsync(call)).ConfigureAwait(false);
        await using (answer.ConfigureAwait(false))
        {
            while (await call.GuardAsync(ReadAsync(call, answer)).ConfigureAwait(false) is { } response)
            {
                observation?.Saw(response);
                yield return response;
            }

            observation?.End();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gate.Dispose();
        foreach (var target in Targets)
        {
            target.Dispose();
        }
    }

    private async ValueTask<OpenAnswer> OpenAsync(RouteCall call)
    {
        if (call.Observation is { } observation)
        {
            await observation.CaptureAsync(call.Token).ConfigureAwait(false);
        }

        return await _answers.OpenAsync(call).ConfigureAwait(false);
    }

    private static ValueTask<GenerateContentResponse?> ReadAsync(RouteCall call, OpenAnswer answer) =>
        call.Observation?.Span is { } span ? ReadUnderAsync(span, answer) : answer.ReadAsync();

    // An answer may take more requests than one, and each step of this sequence runs in its caller's context.
    private static async ValueTask<GenerateContentResponse?> ReadUnderAsync(Activity span, OpenAnswer answer)
    {
        Activity.Current = span;
        return await answer.ReadAsync().ConfigureAwait(false);
    }
}
