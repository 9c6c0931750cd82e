namespace GenAI.Chats.Engine.Sessions.State;

/// <summary>Decides whether and when to try again a commit that must not be lost.</summary>
internal sealed class CommitRetries(TimeProvider time)
{
    // More than others can cause while a turn runs: it is stopped at most twice.
    private const int MaxConflicts = 5;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(1);

    private TimeSpan _delay = FirstDelay;
    private int _conflicts;
    private bool _isImmediate;

    /// <summary>Returns whether to try again after a failure.</summary>
    public bool ShouldRetry(Exception failure)
    {
        _isImmediate = failure is ChatConflictException;
        return failure switch
        {
            ChatConflictException => ++_conflicts <= MaxConflicts,
            ChatStoreException failed => failed.Damage is StoreDamage.None,

            // The store failed while the chat was read.
            ChatException error => error.Code is not Google.Rpc.Code.DataLoss,
            _ => false,
        };
    }

    /// <summary>Waits before the next attempt: not after a conflict, and longer each time after a failure.</summary>
    public Task PauseAsync(CancellationToken cancellationToken)
    {
        if (_isImmediate)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        }

        var delay = _delay;
        _delay = delay * 2 < MaxDelay ? delay * 2 : MaxDelay;
        return Task.Delay(delay, time, cancellationToken);
    }
}
