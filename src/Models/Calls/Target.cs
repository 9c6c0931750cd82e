using GenAI.Chats.Models.Requests;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Models.Calls;

/// <summary>A target of a route: its model, and the state of its limits and circuit breaker.</summary>
internal sealed class Target : IDisposable
{
    private readonly ModelRoute _route;
    private readonly ModelTarget _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    public Target(ModelRoute route, ModelTarget options, IChatModel model, TimeProvider time, ILogger log)
    {
        (_route, _options, _time, _log) = (route, options, time, log);
        Model = model;
        Identity = (model as IIdentifiedModel)?.Identity ?? new ModelIdentity(options.Provider, ModelIdentity.Chat, options.BaseUrl);
        Limits = new CallGate(new AdaptiveLimits(route.Retry, time), route.Limits.MaxWaitingCalls, time);
        Breaker = new TargetBreaker(route.CircuitBreaker, route.Name, options.Provider, time, log);
    }

    /// <summary>Gets the provider's model.</summary>
    public IChatModel Model { get; }

    /// <summary>Gets the model's identity for telemetry.</summary>
    public ModelIdentity Identity { get; }

    /// <summary>Gets the limits that the target's rejections have taught.</summary>
    public CallGate Limits { get; }

    /// <summary>Gets the circuit breaker.</summary>
    public TargetBreaker Breaker { get; }

    /// <summary>Gets the provider's name for the log.</summary>
    public string Provider => _options.Provider;

    /// <summary>Gets whether the target would be called immediately.</summary>
    public bool IsReady => !Breaker.IsOpen && Limits.Wait == TimeSpan.Zero;

    /// <summary>Gets the minimum time for which calls are delayed.</summary>
    public TimeSpan Delay => Limits.Wait is { Ticks: > 0 } wait ? wait : TimeSpan.Zero;

    /// <summary>Gets the numbers of running and waiting calls.</summary>
    public (int Running, int Waiting) Calls => Limits.Calls;

    /// <summary>Calls the model once and waits for the first content.</summary>
    /// <exception cref="ModelException">The call failed.</exception>
    public async ValueTask<OpenAnswer> CallAsync(RouteCall call, CallPermit permit, CancellationToken cancellationToken)
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

            if (IsThrottled(failure) && permit.Refuse(failure.RetryDelay))
            {
                CallsLog.Throttled(_log, _route.Name, Provider, Delay);
            }

            if (failure == thrown)
            {
                throw;
            }

            throw failure;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Limits.Dispose();

    private static async ValueTask<ModelException> ExplainAsync(ModelException failure, ModelRequest request, CancellationToken cancellationToken) =>
        MissingFiles.MayExplain(failure)
            ? MissingFiles.Explain(failure, await request.ReadHistoryAsync(cancellationToken).ConfigureAwait(false), request.Contents)
            : failure;

    // Without retries, the caller handles throttling.
    private bool IsThrottled(ModelException failure) =>
        _route.Retry.MaxAttempts > 1
        && failure.IsRetryable
        && (failure.Reason == ModelErrorReasons.QuotaExceeded || failure.RetryDelay > TimeSpan.Zero);
}
