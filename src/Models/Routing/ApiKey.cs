namespace GenAI.Chats.Models.Routing;

/// <summary>What a key for a model's API may look like.</summary>
internal static class ApiKey
{
    public const string Rule = "it must be visible ASCII characters without spaces, as it travels in a header";

    public static bool IsValid(string key) => key.All(character => character is > ' ' and < '\x7f');
}
