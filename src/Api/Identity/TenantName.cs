using System.Text.RegularExpressions;

namespace GenAI.Chats.Api.Identity;

/// <summary>Names of tenants. They are the first part of grain keys, and so have no slash.</summary>
internal static partial class TenantName
{
    /// <summary>Everyone's tenant where nobody shows whose they are.</summary>
    public const string Default = "default";

    /// <summary>What a name may look like.</summary>
    public const string Rule = "must match [A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    /// <summary>Whether a text can be a tenant's name.</summary>
    public static bool IsValid(string? text) => text is not null && Name().IsMatch(text);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Name();
}
