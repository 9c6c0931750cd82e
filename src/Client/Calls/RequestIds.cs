namespace GenAI.Chats.Client.Calls;

/// <summary>Ids of requests.</summary>
internal static class RequestIds
{
    /// <summary>A new one, like no other.</summary>
    public static string New() => Guid.CreateVersion7().ToString("N");
}
