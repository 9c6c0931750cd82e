namespace GenAI.Chats.Engine.Storage;

/// <summary>Whether and how a pending turn must stop. A higher value replaces a lower one. The numbers are stored.</summary>
public enum TurnStop
{
    /// <summary>The turn doesn't stop.</summary>
    None = 0,

    /// <summary>The turn ends as canceled. Output that has arrived stays in the comprehensive history.</summary>
    Cancel = 1,

    /// <summary>The turn ends as canceled. Nothing of it stays in the history.</summary>
    RollBack = 2,
}
