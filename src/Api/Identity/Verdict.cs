namespace GenAI.Chats.Api.Identity;

/// <summary>Whose a call is, or why it is nobody's.</summary>
/// <param name="Tenant">The tenant; null: the call is refused.</param>
/// <param name="Refusal">Why.</param>
internal readonly record struct Verdict(string? Tenant, Refusal Refusal)
{
    /// <summary>The call is a tenant's.</summary>
    public static Verdict Of(string tenant) => new(tenant, default);

    /// <summary>The call is refused.</summary>
    public static implicit operator Verdict(Refusal refusal) => new(null, refusal);
}

/// <summary>Why a call is nobody's.</summary>
internal enum Refusal
{
    /// <summary>It has no credentials.</summary>
    Missing,

    /// <summary>Its credentials are not good. Why is not said: a guess is not to learn how near it came.</summary>
    Invalid,

    /// <summary>They were good, and are too old.</summary>
    Expired,

    /// <summary>What they would be checked with is not to be had now.</summary>
    Unavailable,
}
