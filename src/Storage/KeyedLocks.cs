namespace GenAI.Chats.Storage;

/// <summary>A lock for each key that is in use.</summary>
/// <param name="holders">The number of callers that can hold the lock of a key at once.</param>
internal sealed class KeyedLocks<TKey>(int holders = 1)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Entry> _entries = [];

    /// <summary>Waits for the lock of a key. The caller disposes of it.</summary>
    /// <exception cref="OperationCanceledException">The caller canceled the wait.</exception>
    public async Task<IDisposable> EnterAsync(TKey key, CancellationToken cancellationToken = default)
    {
        Entry? entry;
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out entry))
            {
                _entries.Add(key, entry = new Entry(holders));
            }

            entry.Users++;
        }

        try
        {
            await entry.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new Holder(this, key, entry);
        }
        catch
        {
            Forget(key, entry);
            throw;
        }
    }

    private void Leave(TKey key, Entry entry)
    {
        entry.Gate.Release();
        Forget(key, entry);
    }

    private void Forget(TKey key, Entry entry)
    {
        lock (_lock)
        {
            if (--entry.Users == 0)
            {
                _entries.Remove(key);
            }
        }
    }

    private sealed class Entry(int holders)
    {
        public SemaphoreSlim Gate { get; } = new(holders);

        public int Users { get; set; }
    }

    private sealed class Holder(KeyedLocks<TKey> locks, TKey key, Entry entry) : IDisposable
    {
        private bool _isReleased;

        public void Dispose()
        {
            if (!_isReleased)
            {
                _isReleased = true;
                locks.Leave(key, entry);
            }
        }
    }
}
