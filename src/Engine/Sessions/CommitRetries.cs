namespace GenAI.Chats.Engine.Sessions;

/// <summary>The pauses between the tries of a commit that must not be given up.</summary>
internal sealed class CommitRetries(TimeProvider time)
{
    // More than others can cause while a turn runs: it is stopped at most twice.
    private const int MaxConflicts = 5;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(1);

    private TimeSpan _delay = FirstDelay;
    private int _conflicts;
    private bool _isImmediate;

    /// <summary>Counts a conflict. True: the next try follows at once. False: there were too many.</summary>
    public bool MayFollowConflict
    {
        get
        {
            _isImmediate = true;
            return ++_conflicts <= MaxConflicts;
        }
    }

    /// <summary>Waits before the next try: not after a conflict, and longer each time after a failure.</summary>
    public Task PauseAsync(CancellationToken cancellationToken)
    {
        if (_isImmediate)
        {
            _isImmediate = false;
            cancellationToken.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        }

        var delay = _delay;
        _delay = delay * 2 < MaxDelay ? delay * 2 : MaxDelay;
        return Task.Delay(delay, time, cancellationToken);
    }
}
