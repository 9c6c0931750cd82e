namespace GenAI.Chats.Client;

/// <summary>A turn failed, or was canceled (with the status CANCELLED and the reason TURN_CANCELLED).</summary>
public sealed class TurnException : ChatException
{
    internal TurnException(CallFailure failure, string? requestId, Turn? turn)
        : base(failure, requestId) => Turn = turn;

    /// <summary>The turn as it ended. Null if only its ID is known, which is so for calls that don't stream.</summary>
    public Turn? Turn { get; }
}
