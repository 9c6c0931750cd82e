namespace Orleans.Runtime;

/// <summary>The activation whose work the current thread runs.</summary>
internal static class RuntimeContext
{
    [ThreadStatic]
    private static Activation? _current;

    public static Activation? Current => _current;

    /// <summary>Sets the current activation and gives the one before, for the caller to set back.</summary>
    public static Activation? Exchange(Activation? activation)
    {
        var before = _current;
        _current = activation;
        return before;
    }
}
