namespace GenAI.Chats.Engine.Sessions;

/// <summary>A turn in the chat's log.</summary>
/// <param name="TurnId">The turn's ID.</param>
/// <param name="RequestId">The client's ID of the request, or one that the server created.</param>
/// <param name="Ready">
/// The first of the turn's events that are ready, if any. A reader that continues after them saves a call, and gets the first chunk sooner.
/// </param>
public readonly record struct AcceptedTurn(string TurnId, string RequestId, TurnEvents Ready)
{
    /// <summary>
    /// All events of the turn, while it runs in the reader's process. A reader in this process needs no calls, and calls <see cref="EventLog.Forget"/> when
    /// it has read the last event. Null if the turn doesn't run in this process, or <see cref="Ready"/> has the last event.
    /// </summary>
    public EventLog? Log { get; init; }

    /// <summary>Creates a turn without ready events.</summary>
    public AcceptedTurn(string turnId, string requestId)
        : this(turnId, requestId, new TurnEvents([], Ended: false))
    {
    }
}
