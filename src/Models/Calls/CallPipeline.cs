using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// The steps of a route's call, from the outside in. All decisions are made before the first content of the response. From then on, the response
/// is passed through.
/// <list type="number">
/// <item>Empty responses: calls the model again if it says STOP and nothing else.</item>
/// <item>Retries: repeats failed attempts after a delay.</item>
/// <item>Failover: tries the targets in order.</item>
/// <item>Limits: waits for the route's own limits, then for the limits learned from the target's rejections.</item>
/// <item>Circuit breaker: fails immediately while the target's circuit is open.</item>
/// <item>The call itself: see <see cref="Target.CallAsync"/> and, for its time limits, <see cref="OpenAnswer"/>.</item>
/// </list>
/// </summary>
internal sealed class CallPipeline
{
    private static readonly ResiliencePropertyKey<RouteCall> Call = new("call");

    private readonly ModelRoute _route;
    private readonly IReadOnlyList<Target> _targets;
    private readonly CallGate _limits;
    private readonly ModelTelemetry _telemetry;
    private readonly ILogger _log;
    private readonly ResiliencePipeline<OpenAnswer> _retries;

    public CallPipeline(
        ModelRoute route, IReadOnlyList<Target> targets, CallGate limits, TimeProvider time, ModelTelemetry telemetry, ILogger log)
    {
        (_route, _targets, _limits, _telemetry, _log) = (route, targets, limits, telemetry, log);
        _retries = new ResiliencePipelineBuilder<OpenAnswer> { TimeProvider = time }
            .AddRetry(RetryEmptyResponses())
            .AddRetry(RetryFailures())
            .Build();
    }

    /// <summary>Runs all steps and returns the response once its first content has arrived.</summary>
    /// <exception cref="ModelException">The call failed.</exception>
    public async ValueTask<OpenAnswer> OpenAsync(RouteCall call)
    {
        var context = ResilienceContextPool.Shared.Get(call.Token);
        context.Properties.Set(Call, call);
        try
        {
            if (call.Observation is { } observation)
            {
                await observation.CaptureAsync(call.Token).ConfigureAwait(false);
            }

            return await _retries.ExecuteAsync(static (context, self) => self.TryTargetsAsync(CallOf(context)), context, this).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    // Step 1. Polly disposes the empty response. The last one is returned.
    private RetryStrategyOptions<OpenAnswer> RetryEmptyResponses() => new()
    {
        MaxRetryAttempts = int.MaxValue,
        Delay = TimeSpan.Zero,
        ShouldHandle = attempt => ValueTask.FromResult(
            attempt.Outcome.Result is { IsEmptyStop: true } && attempt.AttemptNumber < _route.Retry.MaxEmptyRetries),
        OnRetry = attempt =>
        {
            CallsLog.EmptyResponse(_log, _route.Name, attempt.Outcome.Result!.HeldTokens, CallOf(attempt.Context).Request.ConversationId);
            return default;
        },
    };

    // Step 2. A call has one budget of retries, however often its responses are empty.
    private RetryStrategyOptions<OpenAnswer> RetryFailures() => new()
    {
        MaxRetryAttempts = int.MaxValue,
        ShouldHandle = attempt => ValueTask.FromResult(
            attempt.Outcome.Exception is ModelException { IsRetryable: true } failure && CallOf(attempt.Context).TryRetry(failure, _route.Retry)),
        DelayGenerator = static attempt => ValueTask.FromResult<TimeSpan?>(CallOf(attempt.Context).RetryDelay),
        OnRetry = attempt =>
        {
            var reason = ((ModelException)attempt.Outcome.Exception!).Reason;
            _telemetry.Retrying(_route.Name, reason);
            CallsLog.Retrying(_log, _route.Name, CallOf(attempt.Context).Failures, reason, attempt.RetryDelay, CallOf(attempt.Context).Request.ConversationId);
            return default;
        },
    };

    // Step 3. Skips targets that are throttled or have an open circuit. The first called target decides about the request: if it rejects the
    // request, the call fails. If a later target rejects it, that target counts as unavailable.
    private async ValueTask<OpenAnswer> TryTargetsAsync(RouteCall call)
    {
        ModelException? failure = null;
        Target? failed = null;
        foreach (var target in _targets)
        {
            if (!call.MayTry(target) || !target.IsReady)
            {
                continue;
            }

            if (failed is not null)
            {
                _telemetry.FailedOver(_route.Name, failure!.Reason);
                CallsLog.FailedOver(_log, _route.Name, failed.Provider, target.Provider, failure.Reason, call.Request.ConversationId);
            }

            try
            {
                return await CallAsync(call, target).ConfigureAwait(false);
            }
            catch (ModelException exception) when (exception.CanFailOver || failure is not null)
            {
                if (!exception.IsRetryable)
                {
                    call.GiveUp(target);
                }

                failed = target;
                failure = Better(failure, exception);
            }
        }

        return failure is null ? await WaitForTargetAsync(call).ConfigureAwait(false) : throw failure;
    }

    // No target is ready: waits for the one with the shortest delay, unless all circuits are open.
    private ValueTask<OpenAnswer> WaitForTargetAsync(RouteCall call)
    {
        var left = _targets.Where(call.MayTry).ToList();
        return left.Where(target => !target.Breaker.IsOpen).MinBy(target => target.Delay) is { } next
            ? CallAsync(call, next)
            : throw left.Select(target => target.Breaker.ToException()).MinBy(failure => failure.RetryDelay)!;
    }

    // The failure that the caller sees: one that can pass rather than one that stays, and the one that passes first.
    private static ModelException Better(ModelException? one, ModelException other)
    {
        if (one is null || one.IsRetryable != other.IsRetryable)
        {
            return one is { IsRetryable: true } ? one : other;
        }

        return (other.RetryDelay ?? TimeSpan.Zero) < (one.RetryDelay ?? TimeSpan.Zero) ? other : one;
    }

    // Steps 4 to 6. The permits are held until the end of the response. Polly's limiter would release them with its first content, and doesn't
    // let retries go before newer calls.
    private async ValueTask<OpenAnswer> CallAsync(RouteCall call, Target target)
    {
        var ofRoute = await _limits.EnterAsync(call).ConfigureAwait(false);
        CallGate.Permit? ofTarget = null;
        try
        {
            ofTarget = await target.Limits.EnterAsync(call).ConfigureAwait(false);
            var answer = await target.Breaker.CallAsync(token => target.CallAsync(call, ofTarget, token), call.Token).ConfigureAwait(false);
            answer.Own(ofTarget);
            answer.Own(ofRoute);
            return answer;
        }
        catch
        {
            ofTarget?.Dispose();
            ofRoute.Dispose();
            throw;
        }
    }

    private static RouteCall CallOf(ResilienceContext context) => context.Properties.GetValue(Call, null!);
}
