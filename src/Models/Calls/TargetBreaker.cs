using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// The circuit breaker of a target. Exceeded quotas don't count as failures, because <see cref="AdaptiveLimits"/> handles them, and neither do
/// errors of the caller.
/// </summary>
internal sealed class TargetBreaker
{
    // Until the probe of a half-open circuit ends, the delay is unknown.
    private static readonly TimeSpan HalfOpenDelay = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly TimeSpan _duration;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline<OpenAnswer> _pipeline;
    private long _openedAt;

    public TargetBreaker(CircuitBreakerOptions options, string route, string provider, TimeProvider time, ILogger log)
    {
        _time = time;
        _duration = options.BreakDuration;
        var strategy = new CircuitBreakerStrategyOptions<OpenAnswer>
        {
            FailureRatio = options.FailureRatio,
            MinimumThroughput = options.MinimumThroughput,
            SamplingDuration = options.SamplingDuration,
            BreakDuration = options.BreakDuration,
            StateProvider = _state,
            ShouldHandle = call => ValueTask.FromResult(IsFailure(call.Outcome.Exception)),
            OnOpened = opened =>
            {
                Volatile.Write(ref _openedAt, time.GetTimestamp());
                CallsLog.BreakerOpened(log, route, provider, opened.BreakDuration);
                return default;
            },
            OnClosed = _ =>
            {
                CallsLog.BreakerClosed(log, route, provider);
                return default;
            },
        };
        _pipeline = new ResiliencePipelineBuilder<OpenAnswer> { TimeProvider = time }.AddCircuitBreaker(strategy).Build();
    }

    /// <summary>Gets whether calls fail immediately.</summary>
    public bool IsOpen => Wait > TimeSpan.Zero;

    /// <summary>Gets the state: 0 closed, 1 half-open, 2 open.</summary>
    public int State => _state.CircuitState switch
    {
        CircuitState.Closed => 0,
        CircuitState.HalfOpen => 1,
        _ => 2,
    };

    private TimeSpan Wait => _state.CircuitState switch
    {
        CircuitState.Closed => TimeSpan.Zero,
        CircuitState.HalfOpen => HalfOpenDelay,
        _ => _duration - _time.GetElapsedTime(Volatile.Read(ref _openedAt)) is { Ticks: > 0 } left ? left : TimeSpan.Zero,
    };

    /// <summary>Makes the call, or fails immediately if the circuit is open.</summary>
    /// <exception cref="ModelException">The call failed, or the circuit is open.</exception>
    public async ValueTask<OpenAnswer> CallAsync(Func<CancellationToken, ValueTask<OpenAnswer>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(static (step, token) => step(token), call, cancellationToken).ConfigureAwait(false);
        }
        catch (BrokenCircuitException exception)
        {
            throw ToException(exception);
        }
    }

    /// <summary>Creates the failure of a call while the circuit is open.</summary>
    public ModelException ToException(Exception? cause = null) => new(
        ModelErrorReasons.Unavailable,
        "The model is temporarily disabled after repeated failures (circuit breaker open).",
        cause,
        Wait is { Ticks: > 0 } wait ? wait : HalfOpenDelay);

    // A canceled probe doesn't show that the target works again.
    private bool IsFailure(Exception? exception) => exception switch
    {
        ModelException { Reason: ModelErrorReasons.QuotaExceeded } => false,
        ModelException failure => failure.IsRetryable,
        OperationCanceledException => _state.CircuitState is CircuitState.HalfOpen,
        _ => false,
    };
}
