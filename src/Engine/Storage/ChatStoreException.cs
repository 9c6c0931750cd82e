namespace GenAI.Chats.Engine.Storage;

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

    /// <summary>What is damaged, so that trying again cannot help.</summary>
    public StoreDamage Damage { get; init; }

    /// <summary>Whether a read was stopped because it took too long. It would take as long again.</summary>
    public bool IsReadTimeout { get; init; }
}

/// <summary>What a store has lost.</summary>
internal enum StoreDamage
{
    /// <summary>Nothing, as far as is known: what failed may pass.</summary>
    None,

    /// <summary>A record of one chat. The others are spared.</summary>
    Record,

    /// <summary>The database itself: nothing that it holds is certain.</summary>
    Database,
}
