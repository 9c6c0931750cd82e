namespace GenAI.Chats.Client;

/// <summary>Generates request IDs.</summary>
internal static class RequestIds
{
    /// <summary>Returns a new, unique request ID.</summary>
    public static string New() => Guid.CreateVersion7().ToString("N");
}
