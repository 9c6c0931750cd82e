namespace GenAI.Chats.Engine.Admission;

/// <summary>The chats that this server has in memory and that do nothing.</summary>
internal interface IIdleChats
{
    /// <summary>Removes chats from memory that have been idle for some time. The store has them.</summary>
    Task ShedAsync(TimeSpan idleFor);
}
