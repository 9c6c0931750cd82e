namespace GenAI.Chats.Storage.Logs;

/// <summary>Finds the parts of a log that no chat has anymore.</summary>
internal static class LogGaps
{
    /// <summary>Finds the next part. Null if chats have all turns from a number on.</summary>
    /// <param name="from">The number.</param>
    /// <param name="parts">The parts of the log that chats have, in the order of their first turns. They can overlap.</param>
    public static SequenceRange? Next(long from, IEnumerable<SequenceRange> parts)
    {
        foreach (var part in parts)
        {
            if (part.First > from)
            {
                return new SequenceRange(from, part.First - 1);
            }

            if (part.Last == long.MaxValue)
            {
                return null;
            }

            from = Math.Max(from, part.Last + 1);
        }

        return new SequenceRange(from, long.MaxValue);
    }
}
