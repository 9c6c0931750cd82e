namespace Orleans.Concurrency;

/// <summary>A promise that the value is never changed again: it crosses a grain boundary without a copy.</summary>
public readonly struct Immutable<T>(T value)
{
    public readonly T Value = value;
}

public static class ImmutableExtensions
{
    public static Immutable<T> AsImmutable<T>(this T value) => new(value);
}
