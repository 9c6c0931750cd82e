using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Timers;

namespace Orleans.Runtime;

/// <summary>The one silo: what all its activations share, and its way from start to stop.</summary>
internal sealed class SiloRuntime : IGrainRuntime, ILocalSiloDetails, ISiloStatusOracle, IDisposable
{
    private readonly ConcurrentDictionary<TimeSpan, TimeoutList> _timeouts = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ClusterOptions _cluster;

    public SiloRuntime(
        IServiceProvider services,
        IOptions<ClusterOptions> cluster,
        IOptions<SiloOptions> silo,
        IOptions<EndpointOptions> endpoints,
        IOptions<GrainCollectionOptions> collection,
        IOptions<SiloMessagingOptions> messaging,
        CopierProvider copiers,
        ILoggerFactory loggers)
    {
        Services = services;
        _cluster = cluster.Value;
        Name = silo.Value.SiloName;
        var ip = endpoints.Value.AdvertisedIPAddress ?? IPAddress.Loopback;
        var generation = SiloAddress.AllocateNewGeneration();
        Address = SiloAddress.New(ip, endpoints.Value.SiloPort, generation);
        GatewayAddress = SiloAddress.New(ip, endpoints.Value.GatewayPort, 0);
        Collection = collection.Value;
        MaxEnqueuedRequests = messaging.Value.MaxEnqueuedRequestsHardLimit;
        MaxForwardCount = messaging.Value.MaxForwardCount;
        DropExpiredMessages = messaging.Value.DropExpiredMessages;
        GrainClock = services.GetTimeProvider(TimeProviderNames.Grains);
        MessagingClock = services.GetTimeProvider(TimeProviderNames.Messaging);
        CollectionClock = services.GetTimeProvider(TimeProviderNames.ActivationManagement);
        Logger = loggers.CreateLogger("Orleans.Runtime");
        Copiers = copiers;
        Catalog = new Catalog(this);
        Classes = new GrainClasses(Collection, services);
        GrainFactory = new GrainFactory(this, messaging.Value, services);
        Timers = new TimerRegistry(GrainClock);
    }

    public IServiceProvider Services { get; }

    public string Name { get; }

    public SiloAddress Address { get; }

    public SiloAddress GatewayAddress { get; }

    public Catalog Catalog { get; }

    public GrainClasses Classes { get; }

    public CopierProvider Copiers { get; }

    public GrainFactory GrainFactory { get; }

    public TimerRegistry Timers { get; }

    public GrainCollectionOptions Collection { get; }

    public int MaxEnqueuedRequests { get; }

    public int MaxForwardCount { get; }

    public bool DropExpiredMessages { get; }

    public TimeProvider GrainClock { get; }

    public TimeProvider MessagingClock { get; }

    public TimeProvider CollectionClock { get; }

    public ILogger Logger { get; }

    public SiloStatus Status { get; private set; } = SiloStatus.Created;

    public bool IsStopped => Status == SiloStatus.Dead;

    /// <summary>Canceled when the silo begins to stop.</summary>
    public CancellationToken Stopping => _stopping.Token;

    string ILocalSiloDetails.ClusterId => _cluster.ClusterId;

    string ILocalSiloDetails.DnsHostName => Dns.GetHostName();

    SiloAddress ILocalSiloDetails.SiloAddress => Address;

    SiloStatus ISiloStatusOracle.CurrentStatus => Status;

    string ISiloStatusOracle.SiloName => Name;

    SiloAddress ISiloStatusOracle.SiloAddress => Address;

    string IGrainRuntime.SiloIdentity => Address.ToString();

    SiloAddress IGrainRuntime.SiloAddress => Address;

    IGrainFactory IGrainRuntime.GrainFactory => GrainFactory;

    ITimerRegistry IGrainRuntime.TimerRegistry => Timers;

    IServiceProvider IGrainRuntime.ServiceProvider => Services;

    TimeProvider IGrainRuntime.TimeProvider => GrainClock;

    public TimeoutList Timeouts(TimeSpan timeout) => _timeouts.GetOrAdd(timeout, timeout => new TimeoutList(timeout, MessagingClock));

    public void BecomeActive() => Status = SiloStatus.Active;

    /// <summary>From here on no grain is activated; those that are may end.</summary>
    public async Task DeactivateAllAsync(CancellationToken token)
    {
        Status = SiloStatus.ShuttingDown;
        await _stopping.CancelAsync();
        try
        {
            await Catalog.DeactivateAllAsync(token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            RuntimeLog.StoppedEarly(Logger, Catalog.Count);
        }
    }

    /// <summary>Fails what is still pending: no response will come.</summary>
    public void Stop()
    {
        Status = SiloStatus.Dead;
        foreach (var call in _timeouts.Values.SelectMany(list => list.TakeAll()))
        {
            call.Reject(Unavailable());
        }
    }

    public SiloUnavailableException Unavailable() => new($"Silo {Address} is not active: its status is {Status}.");

    public void DeactivateOnIdle(IGrainContext grainContext) =>
        grainContext.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "DeactivateOnIdle was called."));

    public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan) => ((Activation)grainContext).DelayDeactivation(timeSpan);

    public Dictionary<SiloAddress, SiloStatus> GetApproximateSiloStatuses(bool onlyActive = false) =>
        onlyActive && Status != SiloStatus.Active ? [] : new() { [Address] = Status };

    public void Dispose()
    {
        Stop();
        _stopping.Dispose();
    }
}
