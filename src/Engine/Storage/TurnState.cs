namespace GenAI.Chats.Engine.Storage;

/// <summary>The state of a turn. The numbers are stored, and are those of <c>Turn.State</c> in the wire contract.</summary>
public enum TurnState
{
    /// <summary>Not set.</summary>
    None = 0,

    /// <summary>Accepted: the turn waits for turns before it, or for a process to start it.</summary>
    Queued = 1,

    /// <summary>Started by its owner.</summary>
    Running = 2,

    /// <summary>Ended: completed.</summary>
    Completed = 3,

    /// <summary>Ended: failed.</summary>
    Failed = 4,

    /// <summary>Ended: canceled.</summary>
    Cancelled = 5,
}
