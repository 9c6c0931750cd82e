using System.Diagnostics;

namespace GenAI.Chats.Bench.Load;

/// <summary>What one round of a closed loop measured.</summary>
/// <param name="Samples">Each call's whole time and the time to its first answer, in ticks of <see cref="Stopwatch"/>.</param>
/// <param name="Elapsed">How long the round took.</param>
/// <param name="Use">What the server used meanwhile.</param>
internal sealed record Measurement(IReadOnlyList<(long Whole, long First)> Samples, TimeSpan Elapsed, ServerUse Use)
{
    private long[]? _whole;
    private long[]? _first;

    public double PerSecond => Samples.Count / Elapsed.TotalSeconds;

    public double Whole(double share) => At(_whole ??= [.. Samples.Select(s => s.Whole).Order()], share);

    public double First(double share) => At(_first ??= [.. Samples.Select(s => s.First).Order()], share);

    public double CpuMilliseconds => Use.ProcessorTime.TotalMilliseconds / Math.Max(1, Samples.Count);

    public double AllocatedKiB => Use.AllocatedBytes / 1024.0 / Math.Max(1, Samples.Count);

    public double Switches => Use.Switches / (double)Math.Max(1, Samples.Count);

    /// <summary>The middle one of some numbers.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[(sorted.Length - 1) / 2];
    }

    // Milliseconds.
    private static double At(long[] sorted, double share) =>
        sorted.Length == 0 ? double.NaN : sorted[(int)((sorted.Length - 1) * share)] * 1000.0 / Stopwatch.Frequency;
}
