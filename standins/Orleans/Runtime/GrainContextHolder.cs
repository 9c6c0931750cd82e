namespace Orleans.Runtime;

/// <summary>One in each activation's scope, so that the activation can be injected.</summary>
internal sealed class GrainContextHolder
{
    public IGrainContext? Context { get; set; }
}

internal sealed class GrainContextAccessor : IGrainContextAccessor
{
    public IGrainContext? GrainContext => RuntimeContext.Current;
}
