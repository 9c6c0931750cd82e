using System.Diagnostics;

namespace GenAI.Chats.Engine.Admission;

/// <summary>
/// Has the garbage collector free what it can. Compacting frees most, and stops the process meanwhile: that must not outlast the server's heartbeat lease, or
/// others take over its turns. Where it might, the collection runs in the background, and compacts nothing.
/// </summary>
/// <param name="lease">How long the server may be silent.</param>
internal sealed class MemoryCollector(TimeSpan lease)
{
    private const int PartOfLease = 4;

    // Until the first collection has shown it.
    private const double FirstBytesPerSecond = 256 * 1024 * 1024;

    private double _bytesPerSecond = FirstBytesPerSecond;

    /// <summary>Collects, or begins to.</summary>
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

    /// <summary>Whether a heap of so many bytes can be compacted in a part of the lease.</summary>
    public bool MayBlock(long heap) => heap / _bytesPerSecond <= lease.TotalSeconds / PartOfLease;

    /// <summary>Compacting a heap took so long. The worst pace of late counts.</summary>
    public void Learn(long heap, TimeSpan pause)
    {
        var pace = heap / Math.Max(pause.TotalSeconds, 0.001);
        _bytesPerSecond = Math.Min(pace, (_bytesPerSecond + pace) / 2);
    }
}
