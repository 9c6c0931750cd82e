namespace GenAI.Chats.Engine.Limits;

/// <summary>The idle chats in this server's memory.</summary>
public interface IIdleChats
{
    /// <summary>Removes chats from memory that have been idle for some time. They stay in the store.</summary>
    Task ShedAsync(TimeSpan idleFor);
}
