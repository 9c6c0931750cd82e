using GenAI.Chats.Engine.Chunks;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>A turn that the chat's log has.</summary>
/// <param name="TurnId">The turn's id.</param>
/// <param name="RequestId">The client's id for it, or the one that the server made.</param>
/// <param name="Ready">
/// The first of the turn's events, where some are there already: whoever reads on from the last of them saves a call, and the first chunk comes sooner. Nobody
/// waits for them, and none need be there.
/// </param>
public readonly record struct AcceptedTurn(string TurnId, string RequestId, TurnEvents Ready)
{
    /// <summary>A turn none of whose events are ready.</summary>
    public AcceptedTurn(string turnId, string requestId)
        : this(turnId, requestId, new TurnEvents([], Ended: false))
    {
    }
}
