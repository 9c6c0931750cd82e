namespace GenAI.Chats.Models.Routing;

/// <summary>What the address of a model's API may look like.</summary>
internal static class ApiAddress
{
    public const string Rule = "it must be an absolute http or https address without user, query and fragment";

    public static bool IsValid(Uri url) =>
        url.IsAbsoluteUri
        && url.Scheme is "http" or "https"
        && (url.UserInfo, url.Query, url.Fragment) is ("", "", "");

    /// <summary>For messages: an address that breaks the rule may hold a password.</summary>
    public static string WithoutSecrets(Uri url) =>
        url.IsAbsoluteUri
            ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
            : url.OriginalString;
}
