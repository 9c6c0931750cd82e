using System.Collections;

namespace Grpc.Core;

/// <summary>The headers or trailers of a call, in order; a key may come more than once.</summary>
public sealed partial class Metadata : IList<Metadata.Entry>
{
    /// <summary>Keys that end so hold bytes, all others text.</summary>
    public const string BinaryHeaderSuffix = "-bin";

    /// <summary>No entries, and none can be added.</summary>
    public static readonly Metadata Empty = new(isReadOnly: true);

    private readonly List<Entry> _entries = [];

    public Metadata()
        : this(isReadOnly: false)
    {
    }

    private Metadata(bool isReadOnly) => IsReadOnly = isReadOnly;

    public int Count => _entries.Count;

    public bool IsReadOnly { get; }

    public Entry this[int index]
    {
        get => _entries[index];
        set => Writeable(value)[index] = value;
    }

    /// <summary>The last entry of the key, in any letter case.</summary>
    public Entry? Get(string key) => _entries.FindLast(entry => entry.HasKey(key));

    /// <inheritdoc cref="Get"/>
    public string? GetValue(string key) => Get(key)?.Value;

    /// <inheritdoc cref="Get"/>
    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    public IEnumerable<Entry> GetAll(string key) => _entries.Where(entry => entry.HasKey(key));

    public void Add(string key, string value) => Add(new Entry(key, value));

    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));

    public void Add(Entry item) => Writeable(item).Add(item);

    public void Insert(int index, Entry item) => Writeable(item).Insert(index, item);

    public bool Remove(Entry item) => Writeable().Remove(item);

    public void RemoveAt(int index) => Writeable().RemoveAt(index);

    public void Clear() => Writeable().Clear();

    public int IndexOf(Entry item) => _entries.IndexOf(item);

    public bool Contains(Entry item) => _entries.Contains(item);

    public void CopyTo(Entry[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    public IEnumerator<Entry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<Entry> Writeable(Entry item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return Writeable();
    }

    private List<Entry> Writeable() =>
        IsReadOnly ? throw new InvalidOperationException("This metadata is read-only.") : _entries;
}
