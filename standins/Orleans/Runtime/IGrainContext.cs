namespace Orleans.Runtime;

/// <summary>An activation, as the grain in it and those who manage it see it.</summary>
public interface IGrainContext : IEquatable<IGrainContext>
{
    GrainReference GrainReference { get; }

    GrainId GrainId { get; }

    object? GrainInstance { get; }

    ActivationId ActivationId { get; }

    GrainAddress Address { get; }

    /// <summary>The services of this activation's own scope.</summary>
    IServiceProvider ActivationServices { get; }

    IGrainLifecycle ObservableLifecycle { get; }

    /// <summary>Runs work on the activation, one piece at a time.</summary>
    IWorkItemScheduler Scheduler { get; }

    /// <summary>Ends when the activation has ended.</summary>
    Task Deactivated { get; }

    void SetComponent<TComponent>(TComponent? value) where TComponent : class;

    void ReceiveMessage(object message);

    void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default);

    /// <summary>Starts to end the activation: from now on no queued request starts. It ends when the running ones have.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);

    /// <summary>Ends the activation so that it comes back elsewhere. In a cluster of one silo that is the same silo.</summary>
    void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default);
}

public interface IGrainContextAccessor
{
    /// <summary>The activation that the calling code runs on.</summary>
    IGrainContext? GrainContext { get; }
}

public static class GrainContextExtensions
{
    /// <summary>Starts to end the activation and waits until it has ended.</summary>
    public static Task DeactivateAsync(
        this IGrainContext grainContext, DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grainContext);
        grainContext.Deactivate(deactivationReason, cancellationToken);
        return grainContext.Deactivated;
    }
}
