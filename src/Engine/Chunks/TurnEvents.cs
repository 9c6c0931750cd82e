using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Chunks;

/// <summary>Some of a turn's events, in order.</summary>
/// <param name="Events">
/// Those after the offset that was asked for, each a <see cref="TurnEvent"/> as it goes over the wire: encoded once, when it happened, for all who read it.
/// They never change. Empty if no event came within the wait.
/// </param>
/// <param name="Ended">Whether the turn's last event is among them, or came before them.</param>
public readonly record struct TurnEvents(byte[][] Events, bool Ended)
{
    /// <summary>Encodes events.</summary>
    internal static TurnEvents Of(IEnumerable<TurnEvent> events, bool ended) => new([.. events.Select(EventBytes.Of)], ended);

    /// <summary>Decodes the events.</summary>
    internal IEnumerable<TurnEvent> Decode() => Events.Select(TurnEvent.Parser.ParseFrom);
}
