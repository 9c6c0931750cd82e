namespace GenAI.Chats.Models.Routing;

/// <summary>What a key for a model's API may look like.</summary>
internal static class ApiKey
{
    public const string Rule = "visible ASCII characters without spaces, because it's sent in a header";

    public static bool IsValid(string key) => key.All(character => character is > ' ' and < '\x7f');
}
