using System.Diagnostics;

namespace GenAI.Chats.Bench.Load;

/// <summary>What a closed loop measured. Times are in milliseconds.</summary>
internal sealed record Measurement(double PerSecond, double P50, double P99, double FirstP50, double CpuMsPerCall)
{
    public static Measurement From(List<(long Whole, long First)> samples, TimeSpan elapsed, TimeSpan processorTime)
    {
        var whole = samples.Select(s => s.Whole).Order().ToArray();
        var first = samples.Select(s => s.First).Order().ToArray();
        return new Measurement(
            samples.Count / elapsed.TotalSeconds,
            Milliseconds(At(whole, 0.5)),
            Milliseconds(At(whole, 0.99)),
            Milliseconds(At(first, 0.5)),
            processorTime.TotalMilliseconds / Math.Max(1, samples.Count));
    }

    private static long At(long[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[(int)((sorted.Length - 1) * share)];

    private static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
