namespace GenAI.Chats.Engine.Storage;

/// <summary>Where a turn stands. The numbers are stored, and are those of the contract's <c>Turn.State</c>.</summary>
internal enum TurnState
{
    None = 0,

    /// <summary>Accepted; waits for the turns before it, or for a process to take it up.</summary>
    Queued = 1,

    /// <summary>Started by an owner.</summary>
    Running = 2,

    Completed = 3,
    Failed = 4,
    Cancelled = 5,
}
