namespace GenAI.Chats.Engine.Storage;

/// <summary>Whether a pending turn must stop, as the store has it. A higher value replaces a lower one. The numbers are stored.</summary>
internal enum TurnStop
{
    /// <summary>It runs on.</summary>
    None = 0,

    /// <summary>It ends as cancelled; output that has arrived stays in the comprehensive history.</summary>
    Cancel = 1,

    /// <summary>It ends as cancelled, and leaves nothing in the history.</summary>
    RollBack = 2,
}
