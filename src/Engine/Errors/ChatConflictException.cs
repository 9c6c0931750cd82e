namespace GenAI.Chats.Engine.Errors;

/// <summary>
/// An activation's cached state of its chat differs, or may differ, from the store: another activation or process wrote, or a commit's outcome is unknown.
/// The activation ends. Repeat the call with the same request ID: a new activation serves it.
/// </summary>
public sealed class ChatConflictException : Exception
{
    /// <summary>Creates an exception.</summary>
    public ChatConflictException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with its cause.</summary>
    public ChatConflictException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
