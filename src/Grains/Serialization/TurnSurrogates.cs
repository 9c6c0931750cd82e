namespace GenAI.Chats.Grains.Serialization;

/// <summary>A <see cref="TurnEvents"/> between processes.</summary>
[GenerateSerializer]
[Immutable]
[Alias("GenAI.Chats.TurnEvents")]
internal readonly record struct TurnEventsSurrogate([property: Id(0)] byte[][] Events, [property: Id(1)] bool Ended);

/// <summary>An <see cref="AcceptedTurn"/> between processes.</summary>
[GenerateSerializer]
[Immutable]
[Alias("GenAI.Chats.AcceptedTurn")]
internal readonly record struct AcceptedTurnSurrogate(
    [property: Id(0)] string TurnId, [property: Id(1)] string RequestId, [property: Id(2)] TurnEventsSurrogate Ready)
{
    [NonSerialized]
    private readonly EventLog? _log;

    /// <summary>Gets the turn's events. Null if the response came from another process.</summary>
    public EventLog? Log
    {
        get => _log;
        init => _log = value;
    }
}

/// <summary>Converts the engine's results, which don't depend on Orleans.</summary>
[RegisterConverter]
internal sealed class TurnEventsConverter : IConverter<TurnEvents, TurnEventsSurrogate>
{
    /// <inheritdoc/>
    public TurnEvents ConvertFromSurrogate(in TurnEventsSurrogate surrogate) => new(surrogate.Events, surrogate.Ended);

    /// <inheritdoc/>
    public TurnEventsSurrogate ConvertToSurrogate(in TurnEvents value) => new(value.Events, value.Ended);
}

/// <summary>Converts the engine's results, which don't depend on Orleans.</summary>
[RegisterConverter]
internal sealed class AcceptedTurnConverter : IConverter<AcceptedTurn, AcceptedTurnSurrogate>
{
    /// <inheritdoc/>
    public AcceptedTurn ConvertFromSurrogate(in AcceptedTurnSurrogate surrogate) =>
        new(surrogate.TurnId, surrogate.RequestId, new TurnEvents(surrogate.Ready.Events, surrogate.Ready.Ended)) { Log = surrogate.Log };

    /// <inheritdoc/>
    public AcceptedTurnSurrogate ConvertToSurrogate(in AcceptedTurn value) =>
        new(value.TurnId, value.RequestId, new TurnEventsSurrogate(value.Ready.Events, value.Ready.Ended)) { Log = value.Log };
}
