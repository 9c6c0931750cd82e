using GenAI.Chats.Models.Requests;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Models.Calls;

/// <summary>A target of a route: its model, and what is known of how it does.</summary>
internal sealed class Target : IDisposable
{
    private readonly ModelRoute _route;
    private readonly ModelTarget _options;
    private readonly CallGate _routeGate;
    private readonly CallGate _gate;
    private readonly TargetBreaker _breaker;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    public Target(ModelRoute route, ModelTarget options, IChatModel model, CallGate routeGate, TimeProvider time, ILogger log)
    {
        _route = route;
        _options = options;
        _routeGate = routeGate;
        _time = time;
        _log = log;
        _gate = new CallGate(new SharedBackOff(route.Retry, time), route.Limits.MaxWaitingCalls, time);
        _breaker = new TargetBreaker(route.CircuitBreaker, route.Name, options.Provider, time, log);
        Model = model;
        Identity = (model as IIdentifiedModel)?.Identity ?? new ModelIdentity(options.Provider, ModelIdentity.Chat, options.BaseUrl);
    }

    /// <summary>What the provider made.</summary>
    public IChatModel Model { get; }

    /// <summary>What the model is in telemetry.</summary>
    public ModelIdentity Identity { get; }

    /// <summary>Whether it is called: 0 yes, 1 it is tried, 2 it is left alone.</summary>
    public int BreakerState => _breaker.State;

    /// <summary>For the log.</summary>
    public string Provider => _options.Provider;

    /// <summary>Whether a call would be made at once, as far as the target is concerned.</summary>
    public bool IsReady => _breaker.Wait == TimeSpan.Zero && _gate.Wait == TimeSpan.Zero;

    /// <summary>Whether the target is left alone, as it failed often.</summary>
    public bool IsLeftAlone => _breaker.Wait > TimeSpan.Zero;

    /// <summary>How long calls are held back at least.</summary>
    public TimeSpan HeldBack => _gate.Wait is { Ticks: > 0 } wait ? wait : TimeSpan.Zero;

    /// <summary>How many calls of it run, and how many wait for it.</summary>
    public (int Running, int Waiting) Calls => (_gate.Running, _gate.Waiting);

    /// <summary>What a call is told that finds the target left alone.</summary>
    public ModelException LeftAlone() => _breaker.LeftAlone();

    /// <summary>Calls the target when its turn in line has come, and waits for the first content.</summary>
    public async ValueTask<OpenAnswer> OpenAsync(RouteCall call)
    {
        var ofRoute = await _routeGate.EnterAsync(call).ConfigureAwait(false);
        CallPermit? permit = null;
        try
        {
            permit = await _gate.EnterAsync(call).ConfigureAwait(false);
            var answer = await _breaker.CallAsync(token => CallAsync(call, permit, token), call.Token).ConfigureAwait(false);
            answer.Own(permit);
            answer.Own(ofRoute);
            return answer;
        }
        catch
        {
            permit?.Dispose();
            ofRoute.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async ValueTask<OpenAnswer> CallAsync(RouteCall call, CallPermit permit, CancellationToken cancellationToken)
    {
        call.Calls++;
        var request = _options.Model is { } name ? call.Request with { Model = name } : call.Request;
        call.Observation?.Aim(Identity, request.Model);
        try
        {
            var answer = await OpenAnswer.OpenAsync(Model, request, _route.Timeouts, _time, cancellationToken).ConfigureAwait(false);
            permit.Accept();
            return answer;
        }
        catch (ModelException thrown)
        {
            var failure = await ExplainAsync(thrown, call.Request, cancellationToken).ConfigureAwait(false);
            if (failure.Cause is { } cause)
            {
                CallsLog.Unusable(_log, _route.Name, Provider, failure.Reason, cause);
            }

            if (IsRefusal(failure) && permit.Refuse(failure.RetryDelay))
            {
                CallsLog.HeldBack(_log, _route.Name, Provider, HeldBack);
            }

            if (failure == thrown)
            {
                throw;
            }

            throw failure;
        }
    }

    private static async ValueTask<ModelException> ExplainAsync(ModelException failure, ModelRequest request, CancellationToken cancellationToken) =>
        MissingFiles.MayExplain(failure)
            ? MissingFiles.Explain(failure, await request.ReadHistoryAsync(cancellationToken).ConfigureAwait(false), request.Contents)
            : failure;

    // Where calls are not made again, the caller minds what the target says.
    private bool IsRefusal(ModelException failure) =>
        _route.Retry.MaxAttempts > 1
        && failure.IsRetryable
        && (failure.Reason == ModelErrorReasons.QuotaExceeded || failure.RetryDelay > TimeSpan.Zero);
}
