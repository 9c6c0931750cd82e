using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Models.Http;

/// <summary>The time limit of a call with everything that belongs to it, and its cancellation by the caller.</summary>
internal sealed class CallDeadline : IDisposable
{
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _either;

    /// <summary>Starts the time.</summary>
    /// <param name="limit">The limit of the target.</param>
    /// <param name="ownLimit">The limit of the turn. It can only be shorter.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    public CallDeadline(TimeSpan limit, TimeSpan? ownLimit, TimeProvider time, CancellationToken cancellationToken)
    {
        Time = time;
        _caller = cancellationToken;
        _timeout = new CancellationTokenSource(ownLimit < limit ? ownLimit.Value : limit, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _timeout.Token);
    }

    /// <summary>Gets the clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Gets a token that is canceled when the time is up or the caller cancels.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Returns the time limit in a turn's config, or null.</summary>
    /// <exception cref="ModelException">INVALID_ARGUMENT: the limit isn't positive.</exception>
    public static TimeSpan? LimitOf(GenerateContentConfig? config) => config?.HttpOptions switch
    {
        { HasTimeout: true, Timeout: > 0 and var milliseconds } => TimeSpan.FromMilliseconds(milliseconds),
        { HasTimeout: true, Timeout: var milliseconds } => throw new ModelException(
            Code.InvalidArgument,
            ModelErrorReasons.InvalidRequest,
            $"config.http_options.timeout must be greater than 0 ms (got {milliseconds})."),
        _ => null,
    };

    /// <summary>Converts a failure. A canceled call can throw any exception, because its connection is closed.</summary>
    /// <param name="failure">The exception.</param>
    /// <param name="describe">Converts failures that have another reason than the caller or the time limit.</param>
    /// <exception cref="OperationCanceledException">The caller canceled the call.</exception>
    public ModelException Explain(Exception failure, Func<Exception, ModelException> describe)
    {
        _caller.ThrowIfCancellationRequested();
        return _timeout.IsCancellationRequested
            ? new ModelException(Code.DeadlineExceeded, ModelErrorReasons.Timeout, "The model call exceeded its time limit.", null, failure)
            : describe(failure);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _timeout.Dispose();
    }
}
