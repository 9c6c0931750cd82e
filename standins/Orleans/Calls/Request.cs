namespace Orleans.Runtime;

/// <summary>Something that runs on an activation when its turn comes.</summary>
internal abstract class Request
{
    public abstract GrainId Target { get; }

    public abstract bool IsAlwaysInterleave { get; }

    public abstract bool IsReadOnly { get; }

    /// <summary>Whether its end counts as use of the activation.</summary>
    public virtual bool IsKeepAlive => true;

    /// <summary>Whether it belongs to this one activation and ends with it.</summary>
    public virtual bool IsLocalOnly => false;

    /// <summary>Whether its time is over, or its caller has canceled it, before it began.</summary>
    public abstract bool MustNotRun { get; }

    /// <summary>The caller's request context.</summary>
    public Dictionary<string, object>? ContextValues { get; protected init; }

    /// <summary>The activation that it waits for or runs on.</summary>
    public Activation? Activation { get; set; }

    public int ForwardCount { get; set; }

    /// <summary>Runs on the activation's scheduler. Never throws; says so to the activation when it is done.</summary>
    public abstract Task RunAsync(Activation activation);

    public abstract void Reject(Exception exception);
}
