namespace GenAI.Chats.Grains.Admission;

/// <summary>What a server says of a tenant's turns, and asks for.</summary>
[GenerateSerializer]
[Immutable]
[Alias("GenAI.Chats.TenantClaim")]
public sealed record TenantClaim
{
    /// <summary>The server: one run of a process.</summary>
    [Id(0)]
    public string Owner { get; init; } = "";

    /// <summary>How many turns are accepted there and not ended.</summary>
    [Id(1)]
    public long Turns { get; init; }

    /// <summary>How many sends wait there to be accepted.</summary>
    [Id(2)]
    public long Waiting { get; init; }

    /// <summary>How many turns of the rate it wants, for sends that wait and for those to come.</summary>
    [Id(3)]
    public long WantedTurns { get; init; }

    /// <summary>How many turns of the rate that it got before it gives back.</summary>
    [Id(4)]
    public long ReturnedTurns { get; init; }

    /// <summary>The day, in UTC, that <see cref="Tokens"/> is of.</summary>
    [Id(5)]
    public DateOnly Day { get; init; }

    /// <summary>How many tokens turns that ended there have used on the day.</summary>
    [Id(6)]
    public long Tokens { get; init; }

    /// <summary>By how many bytes the tenant's histories have grown there since the claim before.</summary>
    [Id(7)]
    public long GrownBytes { get; init; }

    /// <summary>Whether the server gives back all that it holds.</summary>
    [Id(8)]
    public bool Release { get; init; }
}
