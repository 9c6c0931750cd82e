using GenAI.Chats.Client.Calls;
using GenAI.Chats.V1;

namespace GenAI.Chats.Client;

/// <summary>A turn ended without an answer: it failed, or it was cancelled (then the status is CANCELLED, the reason TURN_CANCELLED).</summary>
public sealed class TurnException : ChatException
{
    internal TurnException(CallFailure failure, string? requestId, Turn? turn)
        : base(failure, requestId) => Turn = turn;

    /// <summary>The turn as it ended. Null where only its id is known, as after a send without a stream.</summary>
    public Turn? Turn { get; }
}
