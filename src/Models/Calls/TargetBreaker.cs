using GenAI.Chats.Models.Routing;
using Google.Rpc;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace GenAI.Chats.Models.Calls;

/// <summary>
/// Leaves a target alone that fails often. Quotas do not count, as <see cref="SharedBackOff"/> minds them, nor does what the caller did
/// wrong.
/// </summary>
internal sealed class TargetBreaker
{
    // While the one call that tries the target is under way, nobody knows.
    private static readonly TimeSpan HalfOpenDelay = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly CircuitBreakerOptions _options;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline _pipeline;
    private long _openedAt;

    public TargetBreaker(CircuitBreakerOptions options, string route, string provider, TimeProvider time, ILogger log)
    {
        _time = time;
        _options = options;
        var strategy = new CircuitBreakerStrategyOptions
        {
            FailureRatio = options.FailureRatio,
            MinimumThroughput = options.MinimumThroughput,
            SamplingDuration = options.SamplingDuration,
            BreakDuration = options.BreakDuration,
            StateProvider = _state,
            ShouldHandle = arguments => ValueTask.FromResult(CountsAsFailure(arguments.Outcome.Exception)),
            OnOpened = arguments =>
            {
                Volatile.Write(ref _openedAt, time.GetTimestamp());
                CallsLog.BreakerOpened(log, route, provider, arguments.BreakDuration);
                return default;
            },
            OnClosed = _ =>
            {
                CallsLog.BreakerClosed(log, route, provider);
                return default;
            },
        };
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddCircuitBreaker(strategy).Build();
    }

    /// <summary>How long the target is left alone yet; zero: it may be called.</summary>
    public TimeSpan Wait => _state.CircuitState switch
    {
        CircuitState.Closed => TimeSpan.Zero,
        CircuitState.HalfOpen => HalfOpenDelay,
        _ => _options.BreakDuration - _time.GetElapsedTime(Volatile.Read(ref _openedAt)) is { Ticks: > 0 } left ? left : TimeSpan.Zero,
    };

    /// <summary>0: the target is called; 1: it is tried; 2: it is left alone.</summary>
    public int State => _state.CircuitState switch
    {
        CircuitState.Closed => 0,
        CircuitState.HalfOpen => 1,
        _ => 2,
    };

    /// <summary>Calls the target, or fails at once.</summary>
    /// <exception cref="ModelException">The call failed; or UNAVAILABLE: the target is left alone.</exception>
    public async ValueTask<OpenAnswer> CallAsync(Func<CancellationToken, ValueTask<OpenAnswer>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await _pipeline.ExecuteAsync(static (step, token) => step(token), call, cancellationToken).ConfigureAwait(false);
        }
        catch (BrokenCircuitException exception)
        {
            throw LeftAlone(exception);
        }
    }

    /// <summary>What a call is told that finds the target left alone.</summary>
    public ModelException LeftAlone(Exception? cause = null) => new(
        Code.Unavailable,
        ModelErrorReasons.Unavailable,
        "The model has failed often, and is left alone for a while.",
        Wait is { Ticks: > 0 } wait ? wait : HalfOpenDelay,
        cause);

    // A try whose caller went away has not shown that the target is well.
    private bool CountsAsFailure(Exception? exception) => exception switch
    {
        ModelException { Reason: ModelErrorReasons.QuotaExceeded } => false,
        ModelException failure => failure.IsRetryable,
        OperationCanceledException => _state.CircuitState is CircuitState.HalfOpen,
        _ => false,
    };
}
