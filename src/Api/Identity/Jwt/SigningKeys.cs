using GenAI.Chats.Api.Reloading;

namespace GenAI.Chats.Api.Identity.Jwt;

/// <summary>The issuer's keys, fetched from a file or a URL.</summary>
/// <remarks>
/// A file is read again when it changes. A URL is fetched when the first token arrives, and again every hour, so that keys that the issuer withdraws don't stay
/// valid. Both are fetched again when a token names an unknown key, but at most every 10 seconds, because anybody can make up such tokens.
/// </remarks>
/// <param name="fetch">Fetches the keys.</param>
/// <param name="source">The path or URL, for the log.</param>
/// <param name="file">The state of the file. If null, the source is a URL.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The logger.</param>
internal sealed class SigningKeys(Func<Task<SigningKeySet>> fetch, string source, FileState? file, TimeProvider time, ILogger<SigningKeys> logger) : IReloadable
{
    /// <summary>The maximum age of keys from a URL.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    /// <summary>The minimum time between two fetches because of unknown keys.</summary>
    public static readonly TimeSpan MinPause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private volatile SigningKeySet? _current;
    private Task _fetching = Task.CompletedTask;
    private long? _lastFetch;

    /// <summary>Gets the keys that were fetched last. Null if no fetch has succeeded yet.</summary>
    public SigningKeySet? Current => _current;

    /// <summary>Returns the keys. Fetches them if none are loaded, or if a key is missing.</summary>
    /// <param name="keyId">The ID of the key. If null, any key.</param>
    public async ValueTask<SigningKeySet?> GetAsync(string? keyId)
    {
        if (_current is not { } keys || keys.For(keyId).Count == 0)
        {
            await FetchAsync(MinPause);
        }

        return _current;
    }

    /// <inheritdoc/>
    public void Reload()
    {
        if (file is not null && file.HasChanged())
        {
            _ = FetchAsync(TimeSpan.Zero);
        }
        else if (file is null && _current is not null)
        {
            _ = FetchAsync(MaxAge);
        }
    }

    // Returns the running fetch, if there is one. Otherwise starts one, if the last one is old enough.
    private Task FetchAsync(TimeSpan minAge)
    {
        lock (_lock)
        {
            if (_fetching.IsCompleted && (_lastFetch is not { } last || time.GetElapsedTime(last) >= minAge))
            {
                _lastFetch = time.GetTimestamp();
                _fetching = FetchAsync();
            }

            return _fetching;
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            var keys = await fetch();
            if (!keys.IsSame(_current))
            {
                _current = keys;
                IdentityLog.SigningKeysLoaded(logger, keys.Keys.Count, source);
            }
        }
        catch (Exception failure)
        {
            // The library wraps network failures in exceptions of many types.
            IdentityLog.SigningKeysKept(logger, source, failure.GetBaseException().Message);
        }
    }
}
