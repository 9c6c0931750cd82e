namespace GenAI.Chats.Engine.Storage;

/// <summary>The tenant has the maximum number of chats. The store created nothing.</summary>
public sealed class ChatLimitException(long maxChats) : Exception($"The tenant has the maximum of {maxChats} chats.")
{
    /// <summary>The maximum number of chats.</summary>
    public long MaxChats { get; } = maxChats;
}
