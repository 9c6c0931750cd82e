namespace GenAI.Chats.Storage;

/// <summary>Parts of a log: ranges in ascending order that don't overlap.</summary>
internal static class SequenceRanges
{
    /// <summary>Indicates whether a number is in one of the ranges.</summary>
    public static bool Includes(this IReadOnlyList<SequenceRange> ranges, long sequence) => ranges.Any(range => range.Contains(sequence));

    /// <summary>Indicates whether a range has a number in common with one of the ranges.</summary>
    public static bool Overlaps(this IReadOnlyList<SequenceRange> ranges, SequenceRange other) => ranges.Any(range => !IsEmpty(range.Intersect(other)));

    /// <summary>Indicates whether all numbers of other ranges are in the ranges.</summary>
    public static bool Covers(this IReadOnlyList<SequenceRange> ranges, IReadOnlyList<SequenceRange> others) =>
        others.All(other => ranges.Intersect([other]).Sum(LengthOf) == LengthOf(other));

    /// <summary>Returns the numbers that are in both.</summary>
    public static IReadOnlyList<SequenceRange> Intersect(this IReadOnlyList<SequenceRange> ranges, IReadOnlyList<SequenceRange> others) =>
        [.. ranges.SelectMany(range => others.Select(range.Intersect)).Where(range => !IsEmpty(range))];

    /// <summary>Returns what remains of the ranges when a log is erased: the parts that stay, and all from a number on.</summary>
    public static IReadOnlyList<SequenceRange> Erased(this IReadOnlyList<SequenceRange> ranges, IReadOnlyList<SequenceRange> keeps, long next) =>
        [.. ranges.Intersect(keeps).Intersect([new SequenceRange(1, next - 1)]), new SequenceRange(next, long.MaxValue)];

    private static bool IsEmpty(SequenceRange range) => range.Last < range.First;

    private static long LengthOf(SequenceRange range) => range.Last - range.First + 1;
}
