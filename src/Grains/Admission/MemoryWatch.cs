using Microsoft.Extensions.Logging;

namespace GenAI.Chats.Grains.Admission;

/// <summary>Says whether so much memory is in use that no more turns should be accepted. It looks when it is told to.</summary>
internal sealed class MemoryWatch
{
    // What has to be free again beyond the mark, so that it does not go to and fro.
    private const double Slack = 0.05;
    private const int MebiShift = 20;

    private static readonly TimeSpan CollectInterval = TimeSpan.FromSeconds(10);

    private readonly Func<MemoryUse> _read;
    private readonly Action _collect;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long? _collected;

    public MemoryWatch(TimeProvider time, ILogger<MemoryWatch> logger)
        : this(Read, Collect, time, logger)
    {
    }

    /// <param name="read">Reads the memory in use.</param>
    /// <param name="collect">Frees what is not needed any more.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For operators.</param>
    internal MemoryWatch(Func<MemoryUse> read, Action collect, TimeProvider time, ILogger logger) =>
        (_read, _collect, _time, _logger) = (read, collect, time, logger);

    /// <summary>From which share on no more turns are accepted. 1: never.</summary>
    public double Share { get; set; } = 1;

    /// <summary>Whether it is above the mark, or has not fallen enough since.</summary>
    public bool IsHigh { get; private set; }

    /// <summary>Looks.</summary>
    public void Look()
    {
        var share = Share;
        if (share >= 1)
        {
            IsHigh = false;
            return;
        }

        var use = _read();
        var mark = (IsHigh ? share - Slack : share) * use.Available;
        var collects = use.Used >= mark && (_collected is not { } last || _time.GetElapsedTime(last) >= CollectInterval);
        if (collects)
        {
            // The collector is in no hurry below the container's limit, and without turns it has no cause to run: what is in use is known after it only.
            _collected = _time.GetTimestamp();
            _collect();
            use = _read();
        }

        var isHigh = use.Used >= mark && (IsHigh || collects);
        if (isHigh != IsHigh)
        {
            IsHigh = isHigh;
            Log(use);
        }
    }

    private void Log(MemoryUse use)
    {
        if (IsHigh)
        {
            AdmissionLog.MemoryHigh(_logger, use.Used >> MebiShift, use.Available >> MebiShift);
        }
        else
        {
            AdmissionLog.MemoryFell(_logger, use.Used >> MebiShift, use.Available >> MebiShift);
        }
    }

    // The collector knows the container's limit, and heeds its own settings.
    private static MemoryUse Read() => new(Environment.WorkingSet, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}

/// <summary>Memory in bytes: in use by this process, and what it may use.</summary>
internal readonly record struct MemoryUse(long Used, long Available);
