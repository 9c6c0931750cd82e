namespace GenAI.Chats.Client.Calls;

/// <summary>The pauses of one operation: between its attempts, until it makes progress or patience is over.</summary>
internal sealed class Retries(ChatsClientOptions options)
{
    private TimeSpan _paused;
    private TimeSpan _backoff = options.InitialBackoff;

    /// <summary>Something came: patience and pauses start anew.</summary>
    public void Progressed()
    {
        _paused = TimeSpan.Zero;
        _backoff = options.InitialBackoff;
    }

    /// <summary>The pause before the next attempt; null: there is to be none.</summary>
    public TimeSpan? Next(CallFailure failure)
    {
        if (!failure.IsPassing)
        {
            return null;
        }

        var pause = _backoff * (0.5 + (Random.Shared.NextDouble() / 2));
        _backoff = _backoff * 2 < options.MaxBackoff ? _backoff * 2 : options.MaxBackoff;

        // Asked for a pause, clients come back after it, and not all at its end.
        pause += failure.RetryDelay ?? TimeSpan.Zero;
        _paused += pause;
        return options.RetryTimeout == Timeout.InfiniteTimeSpan || _paused <= options.RetryTimeout ? pause : null;
    }
}
