using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Engine.Admission;

/// <summary>
/// Says whether so much memory is in use that no more turns should be accepted, and whether so much that those with large answers must fail. It looks when it is
/// told to.
/// </summary>
internal sealed class MemoryWatch
{
    // What has to be free again beyond the mark, so that it does not go to and fro.
    private const double Slack = 0.05;
    private const int MebiShift = 20;

    // Under the hard mark turns may answer this much, and a quarter with each further look, but always this little.
    private const long MostResponseBytes = 16 * 1024 * 1024;
    private const long LeastResponseBytes = 64 * 1024;
    private const int Shrink = 4;

    private static readonly TimeSpan CollectInterval = TimeSpan.FromSeconds(10);

    private readonly Func<MemoryUse> _read;
    private readonly Action _collect;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long _maxResponseBytes = long.MaxValue;
    private long? _collected;
    private long? _collectionsBefore;

    public MemoryWatch(IOptions<ChatsOptions> options, TimeProvider time, ILogger<MemoryWatch> logger)
        : this(Read, new MemoryCollector(options.Value.LeaseDuration).Collect, time, logger)
    {
    }

    /// <param name="read">Reads the memory in use.</param>
    /// <param name="collect">Frees what is not needed any more, or begins to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For operators.</param>
    internal MemoryWatch(Func<MemoryUse> read, Action collect, TimeProvider time, ILogger logger) =>
        (_read, _collect, _time, _logger) = (read, collect, time, logger);

    /// <summary>From which share on no more turns are accepted. 1: never.</summary>
    public double Share { get; set; } = 1;

    /// <summary>From which share on turns with large answers fail. 1: never.</summary>
    public double MaxShare { get; set; } = 1;

    /// <summary>Whether it is above the mark, or has not fallen enough since.</summary>
    public bool IsHigh { get; private set; }

    /// <summary>How much a model may answer in a turn at the moment. Less and less while the memory is above the hard mark, so that the largest turns fail first.</summary>
    public long MaxResponseBytes => Volatile.Read(ref _maxResponseBytes);

    /// <summary>Looks.</summary>
    public void Look()
    {
        var share = Share;
        if (share >= 1)
        {
            IsHigh = false;
            Volatile.Write(ref _maxResponseBytes, long.MaxValue);
            return;
        }

        var use = _read();
        var mark = (IsHigh ? share - Slack : share) * use.Available;
        if (use.Used >= mark && (_collected is not { } last || _time.GetElapsedTime(last) >= CollectInterval))
        {
            // The collector is in no hurry below the container's limit, and without turns it has no cause to run: what is in use is known after it only.
            _collected = _time.GetTimestamp();
            _collectionsBefore = use.Collections;
            _collect();
            use = _read();
        }

        LookAtMax(use);
        _collectionsBefore = use.Used >= mark ? _collectionsBefore : null;
        var isHigh = use.Used >= mark && (IsHigh || use.Collections > _collectionsBefore);
        if (isHigh != IsHigh)
        {
            IsHigh = isHigh;
            Log(use);
        }
    }

    private void LookAtMax(MemoryUse use)
    {
        if (MaxShare >= 1 || use.Used < MaxShare * use.Available)
        {
            Volatile.Write(ref _maxResponseBytes, long.MaxValue);
            return;
        }

        if (MaxResponseBytes == long.MaxValue)
        {
            AdmissionLog.MemoryCritical(_logger, use.Used >> MebiShift, use.Available >> MebiShift);
        }

        Volatile.Write(ref _maxResponseBytes, Math.Clamp(MaxResponseBytes / Shrink, LeastResponseBytes, MostResponseBytes));
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
    private static MemoryUse Read() => new(
        Environment.WorkingSet,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        Math.Max(GC.GetGCMemoryInfo(GCKind.FullBlocking).Index, GC.GetGCMemoryInfo(GCKind.Background).Index));
}

/// <summary>Memory in bytes: in use by this process, and what it may use.</summary>
/// <param name="Used">In use.</param>
/// <param name="Available">What may be in use.</param>
/// <param name="Collections">Is more after each full garbage collection that has ended.</param>
internal readonly record struct MemoryUse(long Used, long Available, long Collections);
