namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>
/// The issuer's keys from a URL. They are read when the first token comes, again every hour, so that keys that the issuer withdraws do not count for ever, and
/// when a token names a key that is not among them; but anybody can make up such tokens, so not more often than every ten seconds.
/// </summary>
internal sealed class UrlKeySource(Func<CancellationToken, Task<KeySet>> fetch, string url, TimeProvider time, ILogger logger) : IKeySource
{
    /// <summary>How old the keys may become.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    /// <summary>The least time between two reads.</summary>
    public static readonly TimeSpan MinPause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private volatile KeySet? _keys;
    private Task _reading = Task.CompletedTask;
    private long? _lastRead;

    public async ValueTask<KeySet?> GetAsync(string? wanted, CancellationToken cancellationToken)
    {
        if (_keys is not { } keys || keys.For(wanted).Count == 0)
        {
            await ReadAsync(MinPause).WaitAsync(cancellationToken);
        }

        return _keys;
    }

    /// <inheritdoc/>
    public void Reload()
    {
        if (_keys is not null)
        {
            _ = ReadAsync(MaxAge);
        }
    }

    // The read that runs, or a new one where the last is old enough.
    private Task ReadAsync(TimeSpan pause)
    {
        lock (_lock)
        {
            if (_reading.IsCompleted && (_lastRead is not { } last || time.GetElapsedTime(last) >= pause))
            {
                _lastRead = time.GetTimestamp();
                _reading = ReadAsync();
            }

            return _reading;
        }
    }

    private async Task ReadAsync()
    {
        // Not in the lock.
        await Task.Yield();
        try
        {
            var keys = await fetch(CancellationToken.None);
            if (!keys.IsSame(_keys))
            {
                _keys = keys;
                IdentityLog.SigningKeysRead(logger, keys.Keys.Count, url);
            }
        }
        catch (Exception failure)
        {
            // The library wraps what the network said in exceptions of many kinds.
            IdentityLog.SigningKeysKept(logger, url, failure.GetBaseException().Message);
        }
    }
}
