namespace GenAI.Chats.Api.Identity.Callers;

/// <summary>Names of tenants. A name is the first part of grain keys, so it can't contain a slash.</summary>
internal static partial class TenantName
{
    /// <summary>The tenant of all callers if the server doesn't authenticate callers.</summary>
    public const string Default = "default";

    /// <summary>A description of valid names.</summary>
    public const string Rule = "a tenant name that matches [A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    /// <summary>Indicates whether a text is a valid name.</summary>
    public static bool IsValid(string? text) => text is not null && Name().IsMatch(text);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Name();
}
