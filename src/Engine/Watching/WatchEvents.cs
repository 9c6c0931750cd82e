namespace GenAI.Chats.Engine.Watching;

/// <summary>What happened in a chat after a position.</summary>
/// <param name="Events">The encoded <see cref="ChatEvent"/> messages, in order. They never change. Empty if nothing happened.</param>
/// <param name="Token">The position after the events.</param>
/// <param name="IsCurrent">Whether nothing more had happened when the events were read.</param>
/// <param name="IsOver">Whether the chat is deleted, and nothing more will happen.</param>
public readonly record struct WatchEvents(byte[][] Events, string Token, bool IsCurrent, bool IsOver);
