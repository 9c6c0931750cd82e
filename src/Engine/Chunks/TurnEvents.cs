namespace GenAI.Chats.Engine.Chunks;

/// <summary>A range of a turn's events.</summary>
/// <param name="Events">
/// The encoded <see cref="TurnEvent"/> messages, in order. Each is encoded once for all readers, and never changes. Empty if no event came within the wait.
/// </param>
/// <param name="Ended">Whether the turn's last event is in or before the range.</param>
public readonly record struct TurnEvents(byte[][] Events, bool Ended)
{
    /// <summary>Gets whether there is nothing to tell: no event, and no end.</summary>
    internal bool IsEmpty => Events.Length == 0 && !Ended;

    /// <summary>Encodes events.</summary>
    internal static TurnEvents Of(IEnumerable<TurnEvent> events, bool ended) => new([.. events.Select(EventBytes.Of)], ended);

    /// <summary>Decodes the events.</summary>
    internal IEnumerable<TurnEvent> Decode() => Events.Select(TurnEvent.Parser.ParseFrom);
}
