namespace GenAI.Chats.Api.Tests.Identity.Crossing;

/// <summary>What one tenant has, as far as one lane of calls made it.</summary>
internal sealed class TenantChats(string tenant)
{
    public string Tenant { get; } = tenant;

    /// <summary>Stands in all that the tenant writes, and so must stand in nothing that another reads.</summary>
    public string Mark { get; } = MarkOf(tenant);

    /// <summary>Its chats by their names.</summary>
    public Dictionary<string, KnownChat> Chats { get; } = new(StringComparer.Ordinal);

    public static string MarkOf(string tenant) => $"<of:{tenant}>";
}

/// <summary>What a chat has.</summary>
internal sealed record KnownChat
{
    public required string DisplayName { get; set; }

    /// <summary>The texts of its history: the user's and the model's in turn.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>The text that was sent with each request id.</summary>
    public Dictionary<string, string> Requests { get; } = new(StringComparer.Ordinal);

    /// <summary>The answers of its turns.</summary>
    public Dictionary<string, string> Turns { get; } = new(StringComparer.Ordinal);
}
