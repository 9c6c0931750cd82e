namespace GenAI.Chats.Engine.Storage;

/// <summary>Heartbeats of the server processes that own running turns, and the turns that no live process owns.</summary>
/// <remarks>
/// The store measures the age of a heartbeat with its own clock. An owner is gone if it never sent a heartbeat, if its last heartbeat is
/// older than the lease that came with it, or if it left.
/// </remarks>
public interface IOwnerStore
{
    /// <summary>
    /// The longest lease. A store that stores the end of each lease treats an owner whose lease ends later than this from now as gone: the
    /// clock was set back since its last heartbeat.
    /// </summary>
    static readonly TimeSpan MaxLease = TimeSpan.FromMinutes(10);

    /// <summary>Stores a heartbeat: the owner is alive until the lease ends.</summary>
    /// <returns>
    /// When the heartbeat is stored, the turns that the owner runs and that must stop. The store returns each stop at least once, with the
    /// first heartbeat after it. If the store, or the process that stopped the turn, fails at that moment, a stop can be missing; the end of
    /// the turn still checks it.
    /// </returns>
    Task<IReadOnlyList<StoppedTurn>> HeartbeatAsync(string owner, TimeSpan lease);

    /// <summary>
    /// Removes an owner's heartbeat: the owner is gone at once. Its running turns stay its own until another owner starts them, and their stops are returned
    /// if it sends a heartbeat again.
    /// </summary>
    Task LeaveAsync(string owner);

    /// <summary>
    /// Finds chats with pending turns that no live owner runs, one page at a time: either those whose first pending turn has an owner that
    /// is gone, or those whose first pending turn has no owner, most of which wait for capacity on a server. The turn that was created first
    /// comes first. A chat that changes between two pages can be on both or on neither.
    /// </summary>
    Task<IReadOnlyList<BusyChat>> FindAbandonedAsync(AbandonedQuery query, CancellationToken cancellationToken);
}

/// <summary>A turn that an owner runs and that must stop.</summary>
/// <param name="TurnId">The ID of the turn.</param>
/// <param name="Stop">How it stops.</param>
public readonly record struct StoppedTurn(string TurnId, TurnStop Stop);

/// <summary>Selects chats with turns that no live owner runs.</summary>
/// <param name="HasOwner">If true, the first pending turn has an owner that is gone; if false, it has no owner.</param>
/// <param name="MaxChats">The maximum number of chats.</param>
/// <param name="After">If set, only chats after this one.</param>
public readonly record struct AbandonedQuery(bool HasOwner, int MaxChats, BusyChat? After = null);
