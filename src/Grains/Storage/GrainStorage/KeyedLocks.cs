namespace GenAI.Chats.Grains.Storage.GrainStorage;

/// <summary>A lock for each key that somebody asks for.</summary>
internal sealed class KeyedLocks<TKey>
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Entry> _entries = [];

    /// <summary>Waits until nobody else holds the key's lock. Whoever gets it disposes of it.</summary>
    public async Task<IDisposable> EnterAsync(TKey key)
    {
        Entry? entry;
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out entry))
            {
                _entries.Add(key, entry = new Entry());
            }

            entry.Users++;
        }

        await entry.Gate.WaitAsync().ConfigureAwait(false);
        return new Holder(this, key, entry);
    }

    private void Leave(TKey key, Entry entry)
    {
        entry.Gate.Release();
        lock (_lock)
        {
            if (--entry.Users == 0)
            {
                _entries.Remove(key);
            }
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1);

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
