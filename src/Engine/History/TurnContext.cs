namespace GenAI.Chats.Engine.History;

/// <summary>What a turn follows: a path of the chat's tree, which is the history that its model gets.</summary>
/// <param name="Parent">The last turn of the path. Null: the head.</param>
/// <param name="End">The number of the last turn of the path; the largest number if the turn follows the head.</param>
/// <param name="History">The curated history of the path.</param>
/// <param name="Exchange">The open exchange at the end of the path.</param>
/// <param name="OpenSequence">The first turn of the open exchange. 0: no exchange is open.</param>
internal sealed record TurnContext(TurnInput.Types.Parent? Parent, long End, CuratedHistory History, OpenExchange Exchange, long OpenSequence)
{
    /// <summary>Whether the turn opens a branch, and must complete to become part of the history.</summary>
    public bool IsBranch => Parent is not null;
}
