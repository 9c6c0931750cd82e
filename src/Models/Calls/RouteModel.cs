using System.Diagnostics;
using System.Runtime.CompilerServices;
using GenAI.Chats.Models.Requests;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Models.Calls;

/// <summary>The model of a route. <see cref="CallPipeline"/> decides how its targets are called.</summary>
internal sealed class RouteModel : IChatModel, IDisposable
{
    private readonly ModelRoute _route;
    private readonly CallGate _limits;
    private readonly CallPipeline _pipeline;
    private readonly TimeProvider _time;
    private readonly ModelTelemetry _telemetry;
    private long _tickets;

    /// <param name="route">The route's options.</param>
    /// <param name="create">Creates the model of a target.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The logger of category <see cref="CallsLog.Category"/>.</param>
    /// <param name="telemetry">The spans and metrics.</param>
    public RouteModel(ModelRoute route, Func<ModelTarget, IChatModel> create, TimeProvider time, ILogger log, ModelTelemetry? telemetry = null)
    {
        _route = route;
        _time = time;
        _telemetry = telemetry ?? new ModelTelemetry(time);
        _limits = new CallGate(new RouteLimits(route.Limits, time), route.Limits.MaxWaitingCalls, time);
        Targets = [.. route.AllTargets().Select(target => new Target(route, target, create(target), time, log))];
        _pipeline = new CallPipeline(route, Targets, _limits, time, _telemetry, log);
        _telemetry.Watch(() => new RouteState(
            route.Name, Calls.Running, Calls.Waiting, Targets.Select(target => (target.Identity.Provider, target.Breaker.State))));
    }

    /// <summary>Gets the targets in order of preference.</summary>
    public IReadOnlyList<Target> Targets { get; }

    /// <summary>Gets the numbers of running calls, and of calls that wait for the route's limits.</summary>
    public (int Running, int Waiting) Calls => _limits.Calls;

    /// <inheritdoc/>
    /// <remarks>The first target decides.</remarks>
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
        var answer = await call.GuardAsync(_pipeline.OpenAsync(call)).ConfigureAwait(false);
        await using (answer.ConfigureAwait(false))
        {
            while (await call.GuardAsync(ReadAsync(observation?.Span, answer)).ConfigureAwait(false) is { } response)
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
        _limits.Dispose();
        foreach (var target in Targets)
        {
            target.Dispose();
        }
    }

    // A response can take several requests, and each step of this sequence runs in its caller's context.
    private static async ValueTask<GenerateContentResponse?> ReadAsync(Activity? span, OpenAnswer answer)
    {
        Activity.Current = span ?? Activity.Current;
        return await answer.ReadAsync().ConfigureAwait(false);
    }
}
