namespace GenAI.Chats.Silo.Clustering;

/// <summary>
/// The state of a client's connection to its cluster. Grains can't be called until the first connection.
/// </summary>
/// <param name="client">Returns Orleans' client.</param>
/// <param name="lifetime">The host's lifetime.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The logger.</param>
internal sealed class ClusterConnection(Func<IClusterClient> client, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ClusterConnection> logger)
    : BackgroundService, IClusterConnectionStatusObserver, IClientConnectionRetryFilter
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ProbePause = TimeSpan.FromSeconds(1);

    private CancellationTokenSource _untilLoss = new();
    private int _gateways;
    private int _attempts;

    /// <summary>Completes when the client is connected for the first time.</summary>
    public Task Connected { get; } = StartedAsync(lifetime);

    /// <summary>Whether the client is connected to a silo.</summary>
    public bool HasGateway => Connected.IsCompleted && Volatile.Read(ref _gateways) > 0;

    /// <summary>
    /// Canceled when the next connection to a silo is lost. Orleans' client doesn't end calls then: calls over a lost connection fail only when they time out.
    /// </summary>
    public CancellationToken UntilLoss => Volatile.Read(ref _untilLoss).Token;

    void IClusterConnectionStatusObserver.NotifyGatewayCountChanged(int currentNumberOfGateways, int previousNumberOfGateways, bool connectionRecovered)
    {
        Volatile.Write(ref _gateways, currentNumberOfGateways);
        if (currentNumberOfGateways < previousNumberOfGateways)
        {
            // Asynchronously, so that callbacks don't run on the connection's thread.
            _ = Interlocked.Exchange(ref _untilLoss, new CancellationTokenSource()).CancelAsync();
        }

        if (currentNumberOfGateways > 0 && previousNumberOfGateways <= 0)
        {
            ClusterLog.Connected(logger);
        }
    }

    void IClusterConnectionStatusObserver.NotifyClusterConnectionLost()
    {
        Volatile.Write(ref _gateways, 0);
        ClusterLog.Lost(logger);
    }

    async Task<bool> IClientConnectionRetryFilter.ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        // The first attempt isn't logged, because a front door and its silos often start at the same time.
        var attempt = ++_attempts;
        if (attempt % 5 == 2)
        {
            ClusterLog.Waiting(logger, ClusterErrors.Summarize(exception));
        }

        var pause = TimeSpan.FromMilliseconds(500 * attempt);
        await Task.Delay(pause < MaxPause ? pause : MaxPause, time, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Orleans' client reconnects when it's called next. A server that isn't ready gets no requests, so it calls by itself.
        await Connected.WaitAsync(stoppingToken).ConfigureAwait(false);
        using var timer = new PeriodicTimer(ProbePause, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            if (!HasGateway && !lifetime.ApplicationStopping.IsCancellationRequested)
            {
                await ProbeAsync(stoppingToken).ConfigureAwait(false);
            }
        }
    }

    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client().GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            ClusterLog.NoAnswer(logger, ClusterErrors.Summarize(failure));
        }
    }

    // Orleans' client connects when it starts, and the host has started when all its services have.
    private static Task StartedAsync(IHostApplicationLifetime lifetime)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        return started.Task;
    }
}
