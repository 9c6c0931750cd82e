namespace GenAI.Chats.Grains.Hosting;

/// <summary>
/// Writes this process's heartbeat to the store, from before its first turn until after its last, and stops the turns whose stop is stored. A failed
/// heartbeat is tried again at the next interval. If the lease expires, other servers recover this server's turns, and its next commit fails.
/// </summary>
public sealed class HeartbeatService : BackgroundService
{
    private readonly IOwnerStore _store;
    private readonly ServerState _server;
    private readonly ChatMetrics _metrics;
    private readonly ChatsOptions _options;
    private readonly ILogger _logger;
    private long _last;

    /// <summary>Creates the service.</summary>
    public HeartbeatService(IOwnerStore store, ServerState server, ChatMetrics metrics, IOptions<ChatsOptions> options, ILogger<HeartbeatService> logger)
    {
        (_store, _server, _metrics, _options, _logger) = (store, server, metrics, options.Value, logger);
        _last = server.Time.GetTimestamp();
        metrics.ObserveHeartbeat(() => Age);
    }

    /// <summary>Gets the time since the last successful heartbeat. Before the first one, the time since the process started.</summary>
    public TimeSpan Age => _server.Time.GetElapsedTime(Volatile.Read(ref _last));

    /// <summary>Gets the age at which other servers take this one for failed.</summary>
    public TimeSpan MaxAge => _options.LeaseDuration;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await WriteAsync();
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await _store.LeaveAsync(_server.Owner);
        }
        catch (ChatStoreException failure)
        {
            HostingLog.LeaveFailed(_logger, failure);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.HeartbeatInterval, _server.Time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await WriteAsync();
            }
            catch (ChatStoreException failure)
            {
                _metrics.HeartbeatFailed();
                HostingLog.HeartbeatFailed(_logger, failure);
            }
        }
    }

    private async Task WriteAsync()
    {
        var stopped = await _store.HeartbeatAsync(_server.Owner, _options.LeaseDuration);
        Volatile.Write(ref _last, _server.Time.GetTimestamp());
        foreach (var turn in stopped)
        {
            _server.Stop(turn);
        }
    }
}
