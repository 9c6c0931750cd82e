namespace GenAI.Chats.Engine.Storage;

/// <summary>Consecutive numbers of turns in a log, including the first and the last.</summary>
public readonly record struct SequenceRange(long First, long Last)
{
    /// <summary>All numbers.</summary>
    public static SequenceRange All => new(1, long.MaxValue);

    /// <summary>Whether a number is in the range.</summary>
    public bool Contains(long sequence) => sequence >= First && sequence <= Last;

    /// <summary>Returns the common part of two ranges, which is empty if the last number is less than the first.</summary>
    public SequenceRange Intersect(SequenceRange other) => new(Math.Max(First, other.First), Math.Min(Last, other.Last));
}

/// <summary>Selects turns of a chat's log.</summary>
/// <param name="AfterSequence">Only turns after this number.</param>
/// <param name="MaxTurns">The maximum number of turns.</param>
/// <param name="MaxBytes">The size of inputs and outcomes after which no further turn is read. The page has at least one turn.</param>
/// <param name="Incarnation">The required incarnation of the chat. If null, any.</param>
public readonly record struct LogRange(long AfterSequence, int MaxTurns, long MaxBytes, string? Incarnation = null)
{
    private readonly long? _beforeSequence;

    /// <summary>Only turns before this number.</summary>
    public long BeforeSequence
    {
        get => _beforeSequence ?? long.MaxValue;
        init => _beforeSequence = value;
    }

    /// <summary>Which turns are read.</summary>
    public LogScope Scope { get; init; }

    /// <summary>The path whose turns are read, in ascending order, if the scope is <see cref="LogScope.Path"/>. If null, the path to the head.</summary>
    public IReadOnlyList<SequenceRange>? Path { get; init; }

    /// <summary>
    /// If true, only turns that are curated are read. They include turns with open function calls that a turn on any branch has closed; see
    /// <see cref="TurnRecord.Curated"/>.
    /// </summary>
    public bool Curated { get; init; }

    /// <summary>If true, turns are read in descending order.</summary>
    public bool NewestFirst { get; init; }
}

/// <summary>Which turns of a log are read.</summary>
public enum LogScope
{
    /// <summary>The initial history, and the recorded turns of a path.</summary>
    Path,

    /// <summary>The initial history, and the recorded turns of all branches.</summary>
    Branches,

    /// <summary>All turns, including pending turns, turns that weren't recorded, and changes of the head.</summary>
    Whole,
}

/// <summary>Turns of a chat's log, in order.</summary>
/// <param name="Turns">The turns.</param>
/// <param name="Revision">The chat's revision when the page was read.</param>
/// <param name="HasMore">Whether further turns follow.</param>
/// <param name="Incarnation">The chat's incarnation.</param>
/// <param name="Tree">The chat's tree when the page was read; null if it has none.</param>
public sealed record LogPage(IReadOnlyList<TurnRecord> Turns, long Revision, bool HasMore, string Incarnation, ChatTree? Tree = null);

/// <summary>Selects chats of a tenant.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Labels">The labels that the chats must have.</param>
/// <param name="PageSize">The maximum number of chats.</param>
/// <param name="After">If set, only chats after this position.</param>
public sealed record ChatListQuery(string Tenant, IReadOnlyList<KeyValuePair<string, string>> Labels, int PageSize, ChatListPosition? After);

/// <summary>A position in a list of chats, which is ordered by update time, newest first, and then by ID.</summary>
/// <param name="UpdateTime">The update time.</param>
/// <param name="ChatId">The ID of the chat.</param>
public readonly record struct ChatListPosition(DateTimeOffset UpdateTime, string ChatId);

/// <summary>Chats of a tenant.</summary>
/// <param name="Chats">The chats, with settings that don't include the config.</param>
/// <param name="Next">The position after which the next page starts; null if this is the last page.</param>
public sealed record ChatListPage(IReadOnlyList<ChatSnapshot> Chats, ChatListPosition? Next);
