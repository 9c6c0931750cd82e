namespace GenAI.Chats.Models.Http;

/// <summary>The time limit of a call with everything that belongs to it, and its cancellation by the caller.</summary>
internal sealed class CallDeadline : CancellationTokenSource
{
    private readonly CancellationToken _caller;
    private readonly CancellationTokenRegistration _following;

    /// <summary>Starts the time.</summary>
    /// <param name="limit">The limit, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    /// <param name="ownLimit">The limit of the turn. It can only be shorter.</param>
    /// <param name="time">The clock.</param>
    /// <param name="caller">The caller's token.</param>
    public CallDeadline(TimeSpan limit, TimeSpan? ownLimit, TimeProvider time, CancellationToken caller)
        : base(ownLimit < limit ? ownLimit.Value : limit, time)
    {
        Time = time;
        _caller = caller;
        // A linked source would be a second source for each call.
        _following = caller.UnsafeRegister(static self => ((CallDeadline)self!).Cancel(), this);
    }

    /// <summary>Gets the clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Gets whether the time is up, and the caller hasn't canceled the call.</summary>
    public bool IsTimeUp => IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Returns the time limit in a turn's config, or null.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: the limit isn't positive.</exception>
    public static TimeSpan? LimitOf(GenerateContentConfig? config) => config?.HttpOptions switch
    {
        { HasTimeout: true, Timeout: > 0 and var milliseconds } => TimeSpan.FromMilliseconds(milliseconds),
        { HasTimeout: true, Timeout: var milliseconds } => throw new ModelException(
            ModelErrorReasons.InvalidRequest, $"config.http_options.timeout must be greater than 0 ms (got {milliseconds})."),
        _ => null,
    };

    /// <summary>Runs a step of the call. A canceled call can throw any exception, because its connection is closed.</summary>
    /// <param name="step">The step.</param>
    /// <param name="describe">Converts failures that have another reason than the caller or the time limit.</param>
    /// <exception cref="ModelException">The step failed.</exception>
    /// <exception cref="OperationCanceledException">The caller canceled the call.</exception>
    public async Task<T> GuardAsync<T>(Func<Task<T>> step, Func<Exception, ModelException> describe)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not ModelException)
        {
            _caller.ThrowIfCancellationRequested();
            throw IsCancellationRequested
                ? new ModelException(ModelErrorReasons.Timeout, "The model call exceeded its time limit.", failure)
                : describe(failure);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _following.Dispose();
        base.Dispose(disposing);
    }
}
