using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Silo.Clustering;

/// <summary>
/// What a client of a cluster knows of its connection: whether it has had one, and whether it has one now. Until it has had one, grains cannot be called at all.
/// </summary>
internal sealed class ClusterConnection : BackgroundService, IClusterConnectionStatusObserver, IClientConnectionRetryFilter
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ProbePause = TimeSpan.FromSeconds(1);

    private readonly Lazy<IClusterClient> _client;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource _untilLoss = new();
    private int _gateways;
    private int _attempts;

    public ClusterConnection(
        Func<IClusterClient> client, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ClusterConnection> logger)
    {
        _client = new Lazy<IClusterClient>(client);
        _lifetime = lifetime;
        _time = time;
        _logger = logger;

        // The host has started when all its services have, and Orleans' client starts by connecting.
        lifetime.ApplicationStarted.Register(() => _connected.TrySetResult());
    }

    /// <summary>Completes with the first connection.</summary>
    public Task Connected => _connected.Task;

    /// <summary>Whether a silo of the cluster is connected now.</summary>
    public bool HasGateway => Connected.IsCompleted && Volatile.Read(ref _gateways) > 0;

    /// <summary>
    /// Cancelled when the connection to a silo is lost next. Orleans' client does not tell: whatever had gone out over the connection, or was to be answered
    /// over it, ends with its time limit.
    /// </summary>
    public CancellationToken UntilLoss => Volatile.Read(ref _untilLoss).Token;

    void IClusterConnectionStatusObserver.NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered)
    {
        Volatile.Write(ref _gateways, currentNumberOfGateways);
        if (currentNumberOfGateways < previousNumberOfGateways)
        {
            // Those who wait go on elsewhere than on the thread of the connection.
            _ = Interlocked.Exchange(ref _untilLoss, new CancellationTokenSource()).CancelAsync();
        }

        if (currentNumberOfGateways > 0 && previousNumberOfGateways <= 0)
        {
            ClusterLog.Connected(_logger);
        }
    }

    void IClusterConnectionStatusObserver.NotifyClusterConnectionLost()
    {
        Volatile.Write(ref _gateways, 0);
        ClusterLog.Lost(_logger);
    }

    async Task<bool> IClientConnectionRetryFilter.ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        // The first attempts are silent: a front door and its silos often start together.
        var attempt = ++_attempts;
        if (attempt % 5 == 2)
        {
            ClusterLog.Waiting(_logger, ClusterErrors.Summarize(exception));
        }

        var pause = TimeSpan.FromMilliseconds(500 * attempt);
        await Task.Delay(pause < MaxPause ? pause : MaxPause, _time, cancellationToken).ConfigureAwait(false);
        return true;
    }

    // A connection that is lost is made again by the next call. A server that is not ready gets none, so it makes one itself.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Connected.WaitAsync(stoppingToken).ConfigureAwait(false);
        using var timer = new PeriodicTimer(ProbePause, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            if (!HasGateway && !_lifetime.ApplicationStopping.IsCancellationRequested)
            {
                await ProbeAsync(stoppingToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _client.Value.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            ClusterLog.NoAnswer(_logger, ClusterErrors.Summarize(failure));
        }
    }
}
