using Google.Rpc;

namespace GenAI.Chats.Models.Http;

/// <summary>How long a call may take, with everything that it takes to make it, and whether its caller still wants it.</summary>
internal sealed class CallDeadline : IDisposable
{
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _either;

    public CallDeadline(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        Time = time;
        _caller = cancellationToken;
        _timeout = new CancellationTokenSource(timeout, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _timeout.Token);
    }

    /// <summary>The clock that the call runs by.</summary>
    public TimeProvider Time { get; }

    /// <summary>Cancelled when the time is up, or the caller gives up.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>
    /// What a failure is to the caller: a cancelled call may end in any exception, as its connection is closed under it.
    /// </summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="describe">Says what it is where neither the caller nor the clock is the reason.</param>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public ModelException Explain(Exception failure, Func<Exception, ModelException> describe)
    {
        _caller.ThrowIfCancellationRequested();
        return _timeout.IsCancellationRequested
            ? new ModelException(
                Code.DeadlineExceeded, ModelErrorReasons.Timeout, "The model took longer than a call may take.", null, failure)
            : describe(failure);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _timeout.Dispose();
    }
}
