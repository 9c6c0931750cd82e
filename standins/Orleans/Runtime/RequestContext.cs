namespace Orleans.Runtime;

/// <summary>Values that travel with a request to the grain and on to the grains that it calls.</summary>
public static class RequestContext
{
    private const string ReentrancyKey = "#CCR";

    private static readonly AsyncLocal<Dictionary<string, object>?> Values = new();

    public static IEnumerable<string> Keys => Values.Value?.Keys ?? Enumerable.Empty<string>();

    public static IEnumerable<KeyValuePair<string, object>> Entries => Values.Value ?? Enumerable.Empty<KeyValuePair<string, object>>();

    public static Guid ReentrancyId
    {
        get => ReentrancyIdOf(Values.Value);
        set
        {
            if (value == Guid.Empty)
            {
                Remove(ReentrancyKey);
            }
            else
            {
                Set(ReentrancyKey, value);
            }
        }
    }

    public static object? Get(string key) => Values.Value?.GetValueOrDefault(key);

    // The table is never changed but replaced: flows that share it must not see each other's changes.
    public static void Set(string key, object value) =>
        Values.Value = new Dictionary<string, object>(Values.Value ?? []) { [key] = value };

    public static bool Remove(string key)
    {
        if (Values.Value is not { } before || !before.ContainsKey(key))
        {
            return false;
        }

        var after = new Dictionary<string, object>(before);
        after.Remove(key);
        Values.Value = after.Count == 0 ? null : after;
        return true;
    }

    public static void Clear()
    {
        if (Values.Value is not null)
        {
            Values.Value = null;
        }
    }

    /// <summary>Calls made before the result is disposed may come back to this grain while its request runs.</summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        var current = ReentrancyId;
        return new(current, current == Guid.Empty ? Guid.NewGuid() : current);
    }

    public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

    internal static Dictionary<string, object>? Snapshot() => Values.Value;

    internal static Guid ReentrancyIdOf(Dictionary<string, object>? values) =>
        values?.GetValueOrDefault(ReentrancyKey) is Guid id ? id : Guid.Empty;

    internal static void Import(Dictionary<string, object>? values)
    {
        if (values is not null || Values.Value is not null)
        {
            Values.Value = values;
        }
    }

    public readonly struct ReentrancySection : IDisposable
    {
        private readonly Guid _original;
        private readonly Guid _new;

        public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
        {
            _original = originalReentrancyId;
            _new = newReentrancyId;
            if (_new != _original)
            {
                ReentrancyId = _new;
            }

            if (_new != Guid.Empty)
            {
                RuntimeContext.Current?.EnterReentrantSection(_new);
            }
        }

        public void Dispose()
        {
            if (_new != Guid.Empty)
            {
                RuntimeContext.Current?.ExitReentrantSection(_new);
            }

            if (_new != _original)
            {
                ReentrancyId = _original;
            }
        }
    }
}
