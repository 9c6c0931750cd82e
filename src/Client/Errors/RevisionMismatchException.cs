namespace GenAI.Chats.Client;

/// <summary>The chat isn't at the expected revision, because its history was changed by another call. No turn was started.</summary>
public sealed class RevisionMismatchException : ChatException
{
    internal RevisionMismatchException(CallFailure failure, string? requestId, long currentRevision)
        : base(failure, requestId) => CurrentRevision = currentRevision;

    /// <summary>The chat's current revision.</summary>
    public long CurrentRevision { get; }
}
