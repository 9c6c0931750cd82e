namespace GenAI.Chats.Engine.Admission;

/// <summary>What a server says of a tenant's turns, and asks for.</summary>
public sealed record TenantClaim
{
    /// <summary>The server: one run of a process.</summary>
    public string Owner { get; init; } = "";

    /// <summary>How many turns are accepted there and not ended.</summary>
    public long Turns { get; init; }

    /// <summary>How many sends wait there to be accepted.</summary>
    public long Waiting { get; init; }

    /// <summary>How many turns of the rate it wants, for sends that wait and for those to come.</summary>
    public long WantedTurns { get; init; }

    /// <summary>How many turns of the rate that it got before it gives back.</summary>
    public long ReturnedTurns { get; init; }

    /// <summary>The day, in UTC, that <see cref="Tokens"/> is of.</summary>
    public DateOnly Day { get; init; }

    /// <summary>How many tokens turns that ended there have used on the day.</summary>
    public long Tokens { get; init; }

    /// <summary>By how many bytes the tenant's histories have grown there since the claim before.</summary>
    public long GrownBytes { get; init; }

    /// <summary>Whether the server gives back all that it holds.</summary>
    public bool Release { get; init; }
}
