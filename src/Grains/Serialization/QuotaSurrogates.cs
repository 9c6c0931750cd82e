using GenAI.Chats.Engine.Admission;

namespace GenAI.Chats.Grains.Serialization;

/// <summary>A <see cref="TenantClaim"/> between processes.</summary>
[GenerateSerializer]
[Immutable]
[Alias("GenAI.Chats.TenantClaim")]
internal readonly record struct TenantClaimSurrogate(
    [property: Id(0)] string Owner,
    [property: Id(1)] long Turns,
    [property: Id(2)] long Waiting,
    [property: Id(3)] long WantedTurns,
    [property: Id(4)] long ReturnedTurns,
    [property: Id(5)] DateOnly Day,
    [property: Id(6)] long Tokens,
    [property: Id(7)] long GrownBytes,
    [property: Id(8)] bool Release);

/// <summary>A <see cref="TenantGrant"/> between processes.</summary>
[GenerateSerializer]
[Immutable]
[Alias("GenAI.Chats.TenantGrant")]
internal readonly record struct TenantGrantSurrogate(
    [property: Id(0)] long Slots,
    [property: Id(1)] long Turns,
    [property: Id(2)] TimeSpan NextTurn,
    [property: Id(3)] long TokensElsewhere,
    [property: Id(4)] long? StoredBytes);

/// <summary>Converts claims, which don't depend on Orleans.</summary>
[RegisterConverter]
internal sealed class TenantClaimConverter : IConverter<TenantClaim, TenantClaimSurrogate>
{
    /// <inheritdoc/>
    public TenantClaim ConvertFromSurrogate(in TenantClaimSurrogate surrogate) => new()
    {
        Owner = surrogate.Owner,
        Turns = surrogate.Turns,
        Waiting = surrogate.Waiting,
        WantedTurns = surrogate.WantedTurns,
        ReturnedTurns = surrogate.ReturnedTurns,
        Day = surrogate.Day,
        Tokens = surrogate.Tokens,
        GrownBytes = surrogate.GrownBytes,
        Release = surrogate.Release,
    };

    /// <inheritdoc/>
    public TenantClaimSurrogate ConvertToSurrogate(in TenantClaim value) => new(
        value.Owner, value.Turns, value.Waiting, value.WantedTurns, value.ReturnedTurns, value.Day, value.Tokens, value.GrownBytes, value.Release);
}

/// <summary>Converts grants, which don't depend on Orleans.</summary>
[RegisterConverter]
internal sealed class TenantGrantConverter : IConverter<TenantGrant, TenantGrantSurrogate>
{
    /// <inheritdoc/>
    public TenantGrant ConvertFromSurrogate(in TenantGrantSurrogate surrogate) => new()
    {
        Slots = surrogate.Slots,
        Turns = surrogate.Turns,
        NextTurn = surrogate.NextTurn,
        TokensElsewhere = surrogate.TokensElsewhere,
        StoredBytes = surrogate.StoredBytes,
    };

    /// <inheritdoc/>
    public TenantGrantSurrogate ConvertToSurrogate(in TenantGrant value) =>
        new(value.Slots, value.Turns, value.NextTurn, value.TokensElsewhere, value.StoredBytes);
}
