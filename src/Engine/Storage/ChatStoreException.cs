namespace GenAI.Chats.Engine.Storage;

/// <summary>
/// The store failed for another reason than a precondition: for example, it is full, locked, unreachable, or damaged. Whether a step was
/// done is unknown.
/// </summary>
public sealed class ChatStoreException : Exception
{
    /// <summary>Creates the exception. The message is for operators and contains no data of chats.</summary>
    public ChatStoreException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>What is damaged. If something is, a retry can't help.</summary>
    public StoreDamage Damage { get; init; }

    /// <summary>Whether a read was stopped because it took too long. A retry would take as long.</summary>
    public bool IsReadTimeout { get; init; }
}

/// <summary>The extent of damage in a store.</summary>
public enum StoreDamage
{
    /// <summary>No known damage: the failure might be temporary.</summary>
    None,

    /// <summary>A record of one chat. Other chats aren't affected.</summary>
    Record,

    /// <summary>The database itself: none of its contents are reliable.</summary>
    Database,
}
