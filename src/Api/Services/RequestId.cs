namespace GenAI.Chats.Api.Services;

/// <summary>Ids of requests.</summary>
internal static class RequestId
{
    /// <summary>The client's id, or a new one where it gave none: a call of a chat that has to be made again is then known as the same.</summary>
    public static string OrNew(string requestId) => requestId.Length > 0 ? requestId : Guid.CreateVersion7().ToString("N");
}
