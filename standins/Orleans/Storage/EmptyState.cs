namespace Orleans.Storage;

internal static class EmptyState
{
    /// <summary>The state of a record that does not exist.</summary>
    public static T Create<T>() =>
        typeof(T).IsValueType || typeof(T).GetConstructor(Type.EmptyTypes) is null ? default! : Activator.CreateInstance<T>();
}
