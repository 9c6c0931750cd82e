namespace GenAI.Chats.Engine.Storage;

/// <summary>A tenant has as many chats as it may have. Nothing was created.</summary>
internal sealed class ChatLimitException(long maxChats) : Exception($"The tenant has {maxChats} chats, as many as it may have.")
{
    /// <summary>The limit.</summary>
    public long MaxChats { get; } = maxChats;
}
