using GenAI.Chats.Models.Requests;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Models.Calls;

/// <summary>A target of a route: its model, and the state of its limits and circuit breaker.</summary>
internal sealed class Target(ModelRoute route, ModelTarget options, IChatModel model, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>Gets the provider's model.</summary>
    public IChatModel Model => model;

    /// <summary>Gets the model's identity for telemetry.</summary>
    public ModelIdentity Identity { get; } =
        (model as IIdentifiedModel)?.Identity ?? new ModelIdentity(options.Provider, ModelIdentity.Chat, options.BaseUrl);

    /// <summary>Gets the limits that the target's rejections have taught.</summary>
    public CallGate Limits { get; } = new(new AdaptiveLimits(route.Retry, time), route.Limits.MaxWaitingCalls, time);

    /// <summary>Gets the circuit breaker.</summary>
    public TargetBreaker Breaker { get; } = new(route.CircuitBreaker, route.Name, options.Provider, time, log);

    /// <summary>Gets the provider's name for the log.</summary>
    public string Provider => options.Provider;

    /// <summary>Gets whether the target would be called immediately.</summary>
    public bool IsReady => !Breaker.IsOpen && Limits.Wait == TimeSpan.Zero;

    /// <summary>Gets the minimum time for which calls are delayed.</summary>
    public TimeSpan Delay => Limits.Wait is { Ticks: > 0 } wait ? wait : TimeSpan.Zero;

    /// <summary>Gets the numbers of running and waiting calls.</summary>
    public (int Running, int Waiting) Calls => Limits.Calls;

    /// <summary>Calls the model once and waits for the first content.</summary>
    /// <exception cref="ModelException">The call failed.</exception>
    public async ValueTask<OpenAnswer> CallAsync(RouteCall call, CallGate.Permit permit, CancellationToken cancellationToken)
    {
        call.Calls++;
        var request = options.Model is { } name ? call.Request with { Model = name } : call.Request;
        call.Observation?.Aim(Identity, request.Model);
        try
        {
            var answer = await OpenAnswer.OpenAsync(model, request, route.Timeouts, time, cancellationToken).ConfigureAwait(false);
            permit.Accept();
            return answer;
        }
        catch (ModelException thrown)
        {
            var failure = MissingFiles.MayExplain(thrown)
                ? MissingFiles.Explain(thrown, await request.ReadHistoryAsync(cancellationToken).ConfigureAwait(false), request.Contents)
                : thrown;
            if (failure.Cause is { } cause)
            {
                CallsLog.Unusable(log, route.Name, Provider, failure.Reason, cause, request.ConversationId);
            }

            if (IsThrottled(failure) && permit.Refuse(failure.RetryDelay))
            {
                CallsLog.Throttled(log, route.Name, Provider, Delay);
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

    // Without retries, the caller handles throttling.
    private bool IsThrottled(ModelException failure) =>
        route.Retry.MaxAttempts > 1
        && failure.IsRetryable
        && (failure.Reason == ModelErrorReasons.QuotaExceeded || failure.RetryDelay > TimeSpan.Zero);
}
