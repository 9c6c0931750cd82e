using GenAI.Chats.Engine.Watching;

namespace GenAI.Chats.Grains.Serialization;

/// <summary>A <see cref="WatchEvents"/> between processes.</summary>
[GenerateSerializer]
[Immutable]
[Alias("GenAI.Chats.WatchEvents")]
internal readonly record struct WatchEventsSurrogate(
    [property: Id(0)] byte[][] Events, [property: Id(1)] string Token, [property: Id(2)] bool IsCurrent, [property: Id(3)] bool IsOver);

/// <summary>Converts the engine's results, which don't depend on Orleans.</summary>
[RegisterConverter]
internal sealed class WatchEventsConverter : IConverter<WatchEvents, WatchEventsSurrogate>
{
    /// <inheritdoc/>
    public WatchEvents ConvertFromSurrogate(in WatchEventsSurrogate surrogate) =>
        new(surrogate.Events, surrogate.Token, surrogate.IsCurrent, surrogate.IsOver);

    /// <inheritdoc/>
    public WatchEventsSurrogate ConvertToSurrogate(in WatchEvents value) => new(value.Events, value.Token, value.IsCurrent, value.IsOver);
}
