using System.Diagnostics;

namespace GenAI.Chats.Engine.Limits;

/// <summary>
/// Runs garbage collections. A compacting collection frees most, but stops the process, and if the pause outlasts the server's lease, other servers take over
/// its turns. If it might take longer than a quarter of the lease, the collection runs in the background and doesn't compact.
/// </summary>
/// <param name="lease">How long the server may miss heartbeats.</param>
internal sealed class MemoryCollector(TimeSpan lease)
{
    private const int PartOfLease = 4;

    // An estimate until the first collection.
    private double _bytesPerSecond = 256 * 1024 * 1024;

    /// <summary>Collects, or starts a collection in the background.</summary>
    public void Collect()
    {
        var heap = GC.GetTotalMemory(forceFullCollection: false);
        if (!MayBlock(heap))
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false, compacting: false);
            return;
        }

        var started = Stopwatch.GetTimestamp();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Learn(heap, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Indicates whether a heap of this size can be compacted within a quarter of the lease.</summary>
    public bool MayBlock(long heap) => heap / _bytesPerSecond <= lease.TotalSeconds / PartOfLease;

    /// <summary>Records how long compacting a heap took. Slower collections weigh more.</summary>
    public void Learn(long heap, TimeSpan pause)
    {
        var pace = heap / Math.Max(pause.TotalSeconds, 0.001);
        _bytesPerSecond = Math.Min(pace, (_bytesPerSecond + pace) / 2);
    }
}
