namespace GenAI.Chats.Storage.Logs;

/// <summary>
/// The turns that a chat has: those of its own log; or, if the chat is a fork or turns were erased, those of some parts of logs. The last part is the end
/// of its own log, and includes all later turns.
/// </summary>
/// <param name="chat">The row ID of the chat.</param>
/// <param name="parts">The parts, in ascending order. If empty, all of the chat's own log.</param>
internal sealed class VisibleLog(long chat, IReadOnlyList<LogPart> parts)
{
    private readonly IReadOnlyList<LogPart> _parts = parts.Count > 0 ? parts : [new LogPart(chat, 1, long.MaxValue)];

    /// <summary>Returns the parts with the turns of some ranges, which are in ascending order.</summary>
    public List<LogPart> In(IEnumerable<SequenceRange> ranges)
    {
        var found = new List<LogPart>();
        var next = 0;
        foreach (var range in ranges)
        {
            while (next < _parts.Count && _parts[next].Last < range.First)
            {
                next++;
            }

            for (var i = next; i < _parts.Count && _parts[i].First <= range.Last; i++)
            {
                found.Add(new LogPart(_parts[i].Log, Math.Max(_parts[i].First, range.First), Math.Min(_parts[i].Last, range.Last)));
            }
        }

        return found;
    }

    /// <summary>Returns the parts to read, in the order in which they are read.</summary>
    /// <param name="range">The turns to read.</param>
    /// <param name="tree">The chat's tree, or null.</param>
    public List<LogPart> In(LogRange range, ChatTree? tree)
    {
        var bounds = new SequenceRange(Math.Max(range.AfterSequence, 0) + 1, range.BeforeSequence - 1);
        IReadOnlyList<SequenceRange> path = range.Scope is LogScope.Path ? range.Path ?? ChatPaths.ToHead(tree) : [SequenceRange.All];
        var found = In(path.Select(bounds.Intersect).Where(static part => part.First <= part.Last));
        if (range.NewestFirst)
        {
            found.Reverse();
        }

        return found;
    }

    /// <summary>Indicates whether the chat has all turns of a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="last">The number of the chat's last turn.</param>
    public bool HasAll(IReadOnlyList<SequenceRange> path, long last) =>
        LastOf(path) <= last && In(path).Sum(static part => part.Last - part.First + 1) == path.Sum(static range => range.Last - range.First + 1);

    /// <summary>Returns the parts of a fork, which has the turns of a path.</summary>
    public List<LogPart> Fork(long fork, IReadOnlyList<SequenceRange> path) => [.. In(path), new LogPart(fork, LastOf(path) + 1, long.MaxValue)];

    /// <summary>Returns the parts that remain if all turns are erased except those of some ranges, and those from a number on.</summary>
    public List<LogPart> Keep(IReadOnlyList<SequenceRange> ranges, long from)
    {
        var before = new SequenceRange(1, from - 1);
        return [.. In(ranges.Select(before.Intersect).Where(static range => range.First <= range.Last)), new LogPart(chat, from, long.MaxValue)];
    }

    /// <summary>Returns a turn as a chat has it: without the request ID if the chat shares it with its source.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="baseSequence">As <see cref="Columns.ChatRow.BaseSequence"/>.</param>
    public static TurnRecord Of(TurnRecord turn, long? baseSequence) => turn.Sequence <= baseSequence ? turn with { RequestId = "" } : turn;

    /// <summary>Returns the number of the last turn of a path; 0 if the path is empty.</summary>
    public static long LastOf(IReadOnlyList<SequenceRange> path) => path.Count > 0 ? path[^1].Last : 0;
}
