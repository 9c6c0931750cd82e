namespace Orleans;

/// <summary>A record of grain storage, as read or to be written.</summary>
public interface IGrainState<T>
{
    T State { get; set; }

    /// <summary>The version that was read. Null on a write says that there must be none.</summary>
    string? ETag { get; set; }

    bool RecordExists { get; set; }
}

[GenerateSerializer]
public sealed class GrainState<T> : IGrainState<T>
{
    public GrainState() : this(default!)
    {
    }

    public GrainState(T state) : this(state, null!)
    {
    }

    public GrainState(T state, string eTag)
    {
        State = state;
        ETag = eTag;
    }

    [Id(0)]
    public T State { get; set; }

    [Id(1)]
    public string? ETag { get; set; }

    [Id(2)]
    public bool RecordExists { get; set; }
}
