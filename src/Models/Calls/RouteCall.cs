using System.Runtime.ExceptionServices;
using GenAI.Chats.Models.Http;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;

namespace GenAI.Chats.Models.Calls;

/// <summary>The state of one call of a route: its ticket, its attempts, and the time that is left for its turn.</summary>
internal sealed class RouteCall : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _total;
    private readonly long _start;
    private readonly CancellationToken _caller;
    private readonly CallDeadline _deadline;
    private HashSet<Target>? _givenUp;

    public RouteCall(ModelRequest request, long ticket, CallTimeoutOptions timeouts, TimeProvider time, CancellationToken cancellationToken)
    {
        Request = request;
        Ticket = ticket;
        _time = time;
        _total = timeouts.Total;
        _start = request.TurnStartTimestamp ?? time.GetTimestamp();
        _caller = cancellationToken;
        _deadline = new CallDeadline(Left is { Ticks: > 0 } left ? left : TimeSpan.Zero, null, time, cancellationToken);
    }

    /// <summary>Gets the request.</summary>
    public ModelRequest Request { get; }

    /// <summary>Gets the call's place among all calls of the route. It stays the same for all attempts.</summary>
    public long Ticket { get; }

    /// <summary>Gets the telemetry of the call, if there are listeners.</summary>
    public CallObservation? Observation { get; init; }

    /// <summary>Gets or sets how often models were called.</summary>
    public int Calls { get; set; }

    /// <summary>Gets whether no model was called yet.</summary>
    public bool IsFirst => Calls == 0;

    /// <summary>Gets the number of failed attempts.</summary>
    public int Failures { get; private set; }

    /// <summary>Gets the delay before the next attempt.</summary>
    public TimeSpan RetryDelay { get; private set; }

    /// <summary>Gets the time that is left for the turn.</summary>
    public TimeSpan Left => _total - _time.GetElapsedTime(_start);

    /// <summary>Gets a token that is canceled by the caller, and when no time is left for the turn.</summary>
    public CancellationToken Token => _deadline.Token;

    /// <summary>Counts a failed attempt, and decides whether and when to try again.</summary>
    /// <returns>Whether attempts and time are left. The delay is at least what the model asked for.</returns>
    /// <exception cref="OperationCanceledException">The caller canceled the call.</exception>
    public bool TryRetry(ModelException failure, RetryOptions options)
    {
        var delay = options.DelayWithJitter(++Failures);
        RetryDelay = failure.RetryDelay > delay ? failure.RetryDelay.Value : delay;
        if (Failures >= options.MaxAttempts || RetryDelay >= Left)
        {
            return false;
        }

        _caller.ThrowIfCancellationRequested();
        return true;
    }

    /// <summary>Excludes a target from further attempts.</summary>
    public void GiveUp(Target target) => (_givenUp ??= []).Add(target);

    /// <summary>Returns whether a target isn't excluded.</summary>
    public bool MayTry(Target target) => _givenUp?.Contains(target) != true;

    /// <summary>Runs a step of the call. Reports an exceeded time limit as an error, and the caller's cancellation as such.</summary>
    public async ValueTask<T> GuardAsync<T>(ValueTask<T> step)
    {
        try
        {
            return await step.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            var failure = Explain(exception);
            Observation?.Fail(failure);
            ExceptionDispatchInfo.Throw(failure);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _deadline.Dispose();

    private Exception Explain(Exception exception) => exception switch
    {
        OperationCanceledException when _deadline.IsTimeUp => new ModelException(
            ModelErrorReasons.Timeout, $"The turn exceeded the time limit of {_total.TotalSeconds} s.", exception)
        {
            IsRetryable = false,
        },
        OperationCanceledException when _caller.IsCancellationRequested => new OperationCanceledException(exception.Message, exception, _caller),
        _ => exception,
    };
}
