namespace Orleans.Serialization;

/// <summary>Copies values of any type that it was made for.</summary>
internal abstract class Copier
{
    /// <summary>Whether values are handed on as they are, since nobody can change them or has promised not to.</summary>
    public virtual bool IsShallow => false;

    public abstract object? CopyObject(object? value, CopyContext context);
}

/// <summary>Copies values of one declared type.</summary>
internal abstract class Copier<T> : Copier
{
    public T Copy(T value) => IsShallow || value is null ? value : Copy(value, new CopyContext());

    public abstract T Copy(T value, CopyContext context);

    public sealed override object? CopyObject(object? value, CopyContext context) => value is null ? null : Copy((T)value, context);
}

/// <summary>What one copy has copied already: an object that is met twice is copied once, in a circle too.</summary>
internal sealed class CopyContext
{
    private Dictionary<object, object>? _copies;

    public bool TryGet<T>(object value, out T copy) where T : class
    {
        copy = null!;
        if (_copies is null || !_copies.TryGetValue(value, out var found))
        {
            return false;
        }

        copy = (T)found;
        return true;
    }

    public void Record(object value, object copy) => (_copies ??= new(ReferenceEqualityComparer.Instance))[value] = copy;
}
