using System.Collections.Immutable;

namespace Orleans.Serialization;

/// <summary>The frame of the collections' copiers: each object once, and null stays null.</summary>
internal abstract class ReferenceCopier<T> : Copier<T> where T : class
{
    public sealed override T Copy(T value, CopyContext context)
    {
        if (value is null)
        {
            return null!;
        }

        return context.TryGet<T>(value, out var copy) ? copy : CopyNew(value, context);
    }

    /// <summary>Copies; records the copy before its elements are copied.</summary>
    protected abstract T CopyNew(T value, CopyContext context);
}

internal sealed class ArrayCopier<T>(CopierProvider provider) : ReferenceCopier<T[]>
{
    private readonly Copier<T> _element = provider.Get<T>();

    protected override T[] CopyNew(T[] value, CopyContext context)
    {
        var copy = (T[])value.Clone();
        context.Record(value, copy);
        for (var i = 0; i < copy.Length && !_element.IsShallow; i++)
        {
            copy[i] = _element.Copy(copy[i], context);
        }

        return copy;
    }
}

internal sealed class ListCopier<T>(CopierProvider provider) : ReferenceCopier<List<T>>
{
    private readonly Copier<T> _element = provider.Get<T>();

    protected override List<T> CopyNew(List<T> value, CopyContext context)
    {
        var copy = new List<T>(value.Count);
        context.Record(value, copy);
        foreach (var element in value)
        {
            copy.Add(_element.Copy(element, context));
        }

        return copy;
    }
}

internal sealed class QueueCopier<T>(CopierProvider provider) : ReferenceCopier<Queue<T>>
{
    private readonly Copier<T> _element = provider.Get<T>();

    protected override Queue<T> CopyNew(Queue<T> value, CopyContext context)
    {
        var copy = new Queue<T>(value.Count);
        context.Record(value, copy);
        foreach (var element in value)
        {
            copy.Enqueue(_element.Copy(element, context));
        }

        return copy;
    }
}

internal sealed class HashSetCopier<T>(CopierProvider provider) : ReferenceCopier<HashSet<T>>
{
    private readonly Copier<T> _element = provider.Get<T>();

    protected override HashSet<T> CopyNew(HashSet<T> value, CopyContext context)
    {
        var copy = new HashSet<T>(value.Count, value.Comparer);
        context.Record(value, copy);
        foreach (var element in value)
        {
            copy.Add(_element.Copy(element, context));
        }

        return copy;
    }
}

internal sealed class DictionaryCopier<TKey, TValue>(CopierProvider provider) : ReferenceCopier<Dictionary<TKey, TValue>>
    where TKey : notnull
{
    private readonly Copier<TKey> _key = provider.Get<TKey>();
    private readonly Copier<TValue> _value = provider.Get<TValue>();

    protected override Dictionary<TKey, TValue> CopyNew(Dictionary<TKey, TValue> value, CopyContext context)
    {
        var copy = new Dictionary<TKey, TValue>(value.Count, value.Comparer);
        context.Record(value, copy);
        foreach (var (key, element) in value)
        {
            copy.Add(_key.Copy(key, context), _value.Copy(element, context));
        }

        return copy;
    }
}

internal sealed class ImmutableArrayCopier<T>(CopierProvider provider) : Copier<ImmutableArray<T>>
{
    private readonly Copier<T> _element = provider.Get<T>();

    public override bool IsShallow => _element.IsShallow;

    public override ImmutableArray<T> Copy(ImmutableArray<T> value, CopyContext context) =>
        value.IsDefault || IsShallow ? value : [.. value.Select(element => _element.Copy(element, context))];
}

internal sealed class ImmutableListCopier<T>(CopierProvider provider) : Copier<ImmutableList<T>>
{
    private readonly Copier<T> _element = provider.Get<T>();

    public override bool IsShallow => _element.IsShallow;

    public override ImmutableList<T> Copy(ImmutableList<T> value, CopyContext context) =>
        value is null || IsShallow ? value! : [.. value.Select(element => _element.Copy(element, context))];
}

internal sealed class ReadOnlyMemoryCopier<T>(CopierProvider provider) : Copier<ReadOnlyMemory<T>>
{
    private readonly Copier<T[]> _array = provider.Get<T[]>();

    public override ReadOnlyMemory<T> Copy(ReadOnlyMemory<T> value, CopyContext context) => _array.Copy(value.ToArray(), context);
}
