using GenAI.Chats.Client.Calls;

namespace GenAI.Chats.Client;

/// <summary>The chat is not at the revision that was expected: somebody else changed its history. Nothing was done.</summary>
public sealed class RevisionMismatchException : ChatException
{
    internal RevisionMismatchException(CallFailure failure, string? requestId, long currentRevision)
        : base(failure, requestId) => CurrentRevision = currentRevision;

    /// <summary>The revision that the chat is at.</summary>
    public long CurrentRevision { get; }
}
