namespace GenAI.Chats.Grains.Storage;

/// <summary>
/// The store did not do what it was asked, and not because of a precondition: it is full, locked, gone, or broken. Whether a step was done
/// is unknown.
/// </summary>
internal sealed class ChatStoreException : Exception
{
    /// <summary>Says what failed; the message is for operators and holds nothing of a chat.</summary>
    public ChatStoreException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
