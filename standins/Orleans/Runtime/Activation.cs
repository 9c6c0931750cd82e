using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>
/// One grain in memory: its instance, its scope of services, its scheduler and the requests that wait for it. The parts of the
/// class: requests, life cycle, collection.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "What it has to dispose it disposes when it ends.")]
internal sealed partial class Activation : IGrainContext
{
    private readonly Lock _lock = new();
    private readonly SiloRuntime _silo;
    private readonly GrainClass _class;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ActivationState _state;
    private AsyncServiceScope? _scope;
    private LifecycleSubject? _lifecycle;

    public Activation(SiloRuntime silo, GrainClass grainClass, GrainId grainId)
    {
        _silo = silo;
        _class = grainClass;
        _logger = silo.Logger;
        GrainId = grainId;
        ActivationId = ActivationId.NewId();
        Scheduler = new GrainScheduler(this);
        _idleSince = silo.CollectionClock.GetTimestamp();
        _collectionTicket = silo.CollectionClock.GetUtcNow() + grainClass.CollectionAge;
    }

    public GrainId GrainId { get; }

    public ActivationId ActivationId { get; }

    public object? GrainInstance { get; private set; }

    public GrainScheduler Scheduler { get; }

    public ILogger Logger => _logger;

    public Task Deactivated => _deactivated.Task;

    public GrainAddress Address => new() { GrainId = GrainId, ActivationId = ActivationId, SiloAddress = _silo.Address };

    public IServiceProvider ActivationServices => _scope?.ServiceProvider
        ?? throw new InvalidOperationException($"The services of {this} are there from its construction on.");

    public IGrainLifecycle ObservableLifecycle => _lifecycle ??= new LifecycleSubject();

    public GrainReference GrainReference => field ??= _silo.GrainFactory.Refer(_class.Interface, GrainId);

    IWorkItemScheduler IGrainContext.Scheduler => Scheduler;

    void IGrainContext.SetComponent<TComponent>(TComponent? value) where TComponent : class =>
        throw new PlatformNotSupportedException("Components of a grain context need the package Microsoft.Orleans.Server.");

    void IGrainContext.ReceiveMessage(object message) =>
        throw new PlatformNotSupportedException("Messages of one's own need the package Microsoft.Orleans.Server.");

    void IGrainContext.Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken) => Start();

    // There is no other silo to move to: the grain ends here, and the next request brings it back.
    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        Deactivate(new(DeactivationReasonCode.Migrating, "Migrating to a new location."), cancellationToken);

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override string ToString() => $"[{GrainId}{ActivationId}]";
}

internal enum ActivationState
{
    Creating,
    Activating,
    Valid,
    Deactivating,
    Invalid,
}
