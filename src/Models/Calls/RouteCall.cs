using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using Google.Rpc;

namespace GenAI.Chats.Models.Calls;

/// <summary>One call of a route's model on its way: its place in line, and the time that its turn has left.</summary>
internal sealed class RouteCall : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _total;
    private readonly long _begin;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenRegistration _following;
    private HashSet<Target>? _givenUp;

    public RouteCall(ModelRequest request, long ticket, CallTimeoutOptions timeouts, TimeProvider time, CancellationToken cancellationToken)
    {
        Request = request;
        Ticket = ticket;
        _time = time;
        _total = timeouts.Total;
        _begin = request.TurnStartTimestamp ?? time.GetTimestamp();
        _caller = cancellationToken;
        _stop = new CancellationTokenSource(Left is { Ticks: > 0 } left ? left : TimeSpan.Zero, time);
        _following = _stop.Follow(cancellationToken);
    }

    /// <summary>What is asked.</summary>
    public ModelRequest Request { get; }

    /// <summary>Its place among all calls of the route, which it keeps however often it comes again.</summary>
    public long Ticket { get; }

    /// <summary>Where somebody listens: what is told of the call.</summary>
    public CallObservation? Observation { get; init; }

    /// <summary>How often a model was called for it.</summary>
    public int Calls { get; set; }

    /// <summary>How often its attempts have failed.</summary>
    public int Failures { get; set; }

    /// <summary>How much time its turn has left.</summary>
    public TimeSpan Left => _total - _time.GetElapsedTime(_begin);

    /// <summary>Cancelled by the caller, and when the turn's time is over.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Keeps a target from being tried again.</summary>
    public void GiveUp(Target target) => (_givenUp ??= []).Add(target);

    /// <summary>Whether trying the target makes sense.</summary>
    public bool MayTry(Target target) => _givenUp?.Contains(target) != true;

    /// <summary>Runs a step of the call. Its time limit is told as an error, the caller's cancellation as one.</summary>
    public ValueTask<T> GuardAsync<T>(ValueTask<T> step) => Observation is null ? TranslateAsync(step) : ObserveAsync(step, Observation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _following.Dispose();
        _stop.Dispose();
    }

    private async ValueTask<T> ObserveAsync<T>(ValueTask<T> step, CallObservation observation)
    {
        try
        {
            return await TranslateAsync(step).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            observation.Fail(failure);
            throw;
        }
    }

    private async ValueTask<T> TranslateAsync<T>(ValueTask<T> step)
    {
        try
        {
            return await step.ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled) when (_stop.IsCancellationRequested)
        {
            _caller.ThrowIfCancellationRequested();
            throw new ModelException(
                Code.DeadlineExceeded, ModelErrorReasons.Timeout, $"The turn took longer than {_total}.", null, cancelled)
            {
                IsRetryable = false,
            };
        }
    }
}
