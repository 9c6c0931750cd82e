using GenAI.Chats.V1;

namespace GenAI.Chats.Grains;

/// <summary>Some of a turn's events, in order.</summary>
/// <param name="Events">Those after the offset that was asked for; none when none came within the wait.</param>
/// <param name="Ended">Whether the turn's last event is among them, or came before them.</param>
[GenerateSerializer]
[Immutable]
[Alias("GenAI.Chats.TurnEvents")]
public readonly record struct TurnEvents(
    [property: Id(0)] TurnEvent[] Events,
    [property: Id(1)] bool Ended);
