namespace GenAI.Chats.Client;

/// <summary>The roles of contents.</summary>
internal static class Roles
{
    public const string User = "user";

    public const string Model = "model";
}
