namespace GenAI.Chats.Client;

/// <summary>The backoff of one operation.</summary>
internal sealed class Retries(ChatsClientOptions options)
{
    private TimeSpan _paused;
    private TimeSpan _backoff = options.InitialBackoff;

    /// <summary>Resets the backoff, because the operation made progress.</summary>
    public void Progressed()
    {
        _paused = TimeSpan.Zero;
        _backoff = options.InitialBackoff;
    }

    /// <summary>Returns the pause before the next attempt. Null if the failure isn't retried.</summary>
    public TimeSpan? Next(CallFailure failure)
    {
        if (!failure.IsTransient)
        {
            return null;
        }

        var pause = _backoff * (0.5 + (Random.Shared.NextDouble() / 2));
        _backoff = _backoff * 2 < options.MaxBackoff ? _backoff * 2 : options.MaxBackoff;

        // The jitter is added to a delay that the service asks for, so that clients don't all return at once.
        pause += failure.RetryDelay ?? TimeSpan.Zero;
        _paused += pause;
        return options.RetryTimeout == Timeout.InfiniteTimeSpan || _paused <= options.RetryTimeout ? pause : null;
    }
}
