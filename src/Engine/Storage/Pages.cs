namespace GenAI.Chats.Engine.Storage;

/// <summary>A range of a chat's log.</summary>
/// <param name="AfterSequence">Only turns after this number.</param>
/// <param name="MaxTurns">The maximum number of turns.</param>
/// <param name="MaxBytes">The size of inputs and outcomes after which no further turn is read. The range has at least one turn.</param>
/// <param name="Whole">If true, turns that aren't in the history are read as well, including pending turns.</param>
/// <param name="Curated">If true, only curated turns are read.</param>
/// <param name="Incarnation">The required incarnation of the chat. If null, any.</param>
public readonly record struct LogRange(
    long AfterSequence, int MaxTurns, long MaxBytes, bool Whole = false, bool Curated = false, string? Incarnation = null);

/// <summary>Turns of a chat's log, in order.</summary>
/// <param name="Turns">The turns of the history: those with a revision, and the initial history. All turns if the range is whole.</param>
/// <param name="Revision">The chat's revision when the page was read.</param>
/// <param name="HasMore">Whether further turns follow.</param>
/// <param name="Incarnation">The chat's incarnation.</param>
public sealed record LogPage(IReadOnlyList<TurnRecord> Turns, long Revision, bool HasMore, string Incarnation);

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
