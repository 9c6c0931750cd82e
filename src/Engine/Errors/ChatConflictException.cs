namespace GenAI.Chats.Engine.Errors;

/// <summary>
/// What an activation knew of its chat is not, or may not be, what the store holds: another activation or process wrote, or a commit's outcome is unknown.
/// Nothing was done, or it can be read again; the activation ends, and the same request, sent again with the same request id, goes to a new one.
/// </summary>
public sealed class ChatConflictException : Exception
{
    /// <summary>Says which precondition did not hold.</summary>
    public ChatConflictException(string message)
        : base(message)
    {
    }

    /// <summary>Says which precondition did not hold, and what was seen.</summary>
    public ChatConflictException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
