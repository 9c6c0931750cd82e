using Microsoft.Extensions.Hosting;

namespace GenAI.Chats.Engine.Limits;

/// <summary>Periodically compares the memory in use with the server's limits. While too much is in use, removes idle chats from memory.</summary>
internal sealed class MemoryMonitor : BackgroundService
{
    // Usage must fall this far below the limit before turns are accepted again.
    private const double Slack = 0.05;

    // While memory is critical, a turn's response may have this much, a quarter of it with each further measurement, but at least the minimum.
    private const long FirstMaxResponseBytes = 16 * 1024 * 1024;
    private const long LastMaxResponseBytes = 64 * 1024;
    private const int Shrink = 4;
    private const int MebiShift = 20;

    // Models can fill the memory within a second.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CollectInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShedInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(5);

    private readonly IOptionsMonitor<LimitsOptions> _limits;
    private readonly IIdleChats _chats;
    private readonly Func<MemoryUse> _read;
    private readonly Action _collect;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Task _shed = Task.CompletedTask;
    private long _maxResponseBytes = long.MaxValue;
    private long? _lastCollect;
    private long? _lastShed;
    private long? _collectionsBefore;

    public MemoryMonitor(
        IOptionsMonitor<LimitsOptions> limits, IIdleChats chats, IOptions<ChatsOptions> options, TimeProvider time, ILogger<MemoryMonitor> logger)
        : this(limits, chats, Read, new MemoryCollector(options.Value.LeaseDuration).Collect, time, logger)
    {
    }

    /// <param name="limits">The limits.</param>
    /// <param name="chats">The chats in memory.</param>
    /// <param name="read">Reads the memory in use.</param>
    /// <param name="collect">Collects garbage, or starts a collection.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The logger.</param>
    internal MemoryMonitor(
        IOptionsMonitor<LimitsOptions> limits, IIdleChats chats, Func<MemoryUse> read, Action collect, TimeProvider time, ILogger logger) =>
        (_limits, _chats, _read, _collect, _time, _logger) = (limits, chats, read, collect, time, logger);

    /// <summary>Indicates whether usage exceeded <see cref="ServerLimits.MaxMemoryUtilization"/> and hasn't fallen enough since.</summary>
    public bool IsHigh { get; private set; }

    /// <summary>The size limit of a turn's response. It shrinks while memory is critical, so that the turns with the largest responses fail first.</summary>
    public long MaxResponseBytes => Volatile.Read(ref _maxResponseBytes);

    /// <summary>Measures the memory in use.</summary>
    public void Measure()
    {
        var limits = _limits.CurrentValue.Server;
        if (limits.MaxMemoryUtilization >= 1)
        {
            IsHigh = false;
            Volatile.Write(ref _maxResponseBytes, long.MaxValue);
            return;
        }

        var use = _read();
        var limit = (limits.MaxMemoryUtilization - (IsHigh ? Slack : 0)) * use.Available;
        if (use.Used >= limit && IsDue(_lastCollect, CollectInterval))
        {
            // Without pressure the garbage collector rarely runs. How much is really in use is known only after a collection.
            (_lastCollect, _collectionsBefore) = (_time.GetTimestamp(), use.Collections);
            _collect();
            use = _read();
        }

        LimitResponses(use, Math.Max(limits.MaxMemoryUtilization, limits.CriticalMemoryUtilization));
        _collectionsBefore = use.Used >= limit ? _collectionsBefore : null;
        var isHigh = use.Used >= limit && (IsHigh || use.Collections > _collectionsBefore);
        if (isHigh != IsHigh)
        {
            IsHigh = isHigh;
            Log(isHigh ? LimitsLog.MemoryHigh : LimitsLog.MemoryFell, use);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Measure();
            if (IsHigh && _shed.IsCompleted && IsDue(_lastShed, ShedInterval))
            {
                _lastShed = _time.GetTimestamp();
                _shed = ShedAsync();
            }
        }
    }

    private void LimitResponses(MemoryUse use, double critical)
    {
        var isCritical = critical < 1 && use.Used >= critical * use.Available;
        if (isCritical && MaxResponseBytes == long.MaxValue)
        {
            Log(LimitsLog.MemoryCritical, use);
        }

        Volatile.Write(
            ref _maxResponseBytes, isCritical ? Math.Clamp(MaxResponseBytes / Shrink, LastMaxResponseBytes, FirstMaxResponseBytes) : long.MaxValue);
    }

    // Not awaited: it handles all exceptions.
    private async Task ShedAsync()
    {
        try
        {
            await _chats.ShedAsync(IdleTime);
        }
        catch (Exception failure)
        {
            LimitsLog.ShedFailed(_logger, failure);
        }
    }

    private bool IsDue(long? last, TimeSpan interval) => last is not { } timestamp || _time.GetElapsedTime(timestamp) >= interval;

    private void Log(Action<ILogger, long, long> message, MemoryUse use) => message(_logger, use.Used >> MebiShift, use.Available >> MebiShift);

    // The garbage collector knows the container's limit and its own settings.
    private static MemoryUse Read() => new(
        Environment.WorkingSet,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        Math.Max(GC.GetGCMemoryInfo(GCKind.FullBlocking).Index, GC.GetGCMemoryInfo(GCKind.Background).Index));
}

/// <summary>Memory of this process.</summary>
/// <param name="Used">The bytes in use.</param>
/// <param name="Available">The bytes available to the process.</param>
/// <param name="Collections">A number that grows with each full garbage collection that has ended.</param>
internal readonly record struct MemoryUse(long Used, long Available, long Collections);
