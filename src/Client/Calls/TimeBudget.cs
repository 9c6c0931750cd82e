namespace GenAI.Chats.Client;

/// <summary>The time limit of an operation, combined with the caller's token.</summary>
internal sealed class TimeBudget : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _linked;
    private readonly CancellationToken _caller;
    private readonly TimeSpan _timeout;

    public TimeBudget(TimeSpan timeout, TimeProvider time, CancellationToken caller)
    {
        (_timeout, _caller) = (timeout, caller);
        _timer = new CancellationTokenSource(timeout, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(caller, _timer.Token);
    }

    /// <summary>Canceled when the time limit is reached or the caller cancels.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>If the token is canceled, throws the exception for the caller.</summary>
    /// <exception cref="OperationCanceledException">The caller has canceled.</exception>
    /// <exception cref="ChatTimeoutException">The time limit has been reached.</exception>
    public void ThrowIfOver(Exception cause, string? requestId)
    {
        if (_caller.IsCancellationRequested)
        {
            throw new OperationCanceledException("The caller canceled.", cause, _caller);
        }

        if (Token.IsCancellationRequested)
        {
            throw new ChatTimeoutException(_timeout, requestId, cause);
        }
    }

    public void Dispose()
    {
        _linked.Dispose();
        _timer.Dispose();
    }
}
