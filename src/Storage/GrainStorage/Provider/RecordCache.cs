using Microsoft.Extensions.Caching.Memory;

namespace GenAI.Chats.Storage.GrainStorage.Provider;

/// <summary>
/// Caches records: pages and index nodes, which never change, and heads, which can be outdated. Callers share the cached messages, and must not change
/// them.
/// </summary>
internal sealed class RecordCache : IDisposable
{
    private const long MaxBytes = 128 * 1024 * 1024;

    // The size of a message in memory, relative to its bytes.
    private const int MemoryPerByte = 3;

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = MaxBytes, CompactionPercentage = 0.2 });

    public T? Find<T>(RecordName name)
        where T : class =>
        _cache.TryGetValue(name, out var value) ? (T?)value : null;

    public void Keep(RecordName name, object value, int bytes) =>
        _cache.Set(name, value, new MemoryCacheEntryOptions { Size = 256 + ((long)bytes * MemoryPerByte) });

    public void Keep(RecordName name, IMessage record) => Keep(name, record, record.CalculateSize());

    public void Forget(RecordName name) => _cache.Remove(name);

    public void Dispose() => _cache.Dispose();
}
