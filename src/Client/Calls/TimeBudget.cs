namespace GenAI.Chats.Client.Calls;

/// <summary>The time that an operation may take in all, and the caller's token with it.</summary>
internal sealed class TimeBudget : IDisposable
{
    private readonly CancellationTokenSource? _timer;
    private readonly CancellationTokenSource? _linked;
    private readonly CancellationToken _caller;
    private readonly TimeSpan _timeout;

    public TimeBudget(TimeSpan timeout, TimeProvider time, CancellationToken caller)
    {
        (_timeout, _caller, Token) = (timeout, caller, caller);
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            _timer = new CancellationTokenSource(timeout, time);
            _linked = CancellationTokenSource.CreateLinkedTokenSource(caller, _timer.Token);
            Token = _linked.Token;
        }
    }

    /// <summary>Cancelled when the time is over or the caller cancels.</summary>
    public CancellationToken Token { get; }

    /// <summary>Throws what the caller is to get for a failure after the token was cancelled. Does nothing before that.</summary>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    /// <exception cref="ChatTimeoutException">The time is over.</exception>
    public void ThrowIfOver(Exception cause, string? requestId)
    {
        if (_caller.IsCancellationRequested)
        {
            throw new OperationCanceledException("The caller cancelled.", cause, _caller);
        }

        if (Token.IsCancellationRequested)
        {
            throw new ChatTimeoutException(_timeout, requestId, cause);
        }
    }

    public void Dispose()
    {
        _linked?.Dispose();
        _timer?.Dispose();
    }
}
