namespace GenAI.Chats.Client;

/// <summary>Options for moving a chat's head.</summary>
public sealed record RewindOptions
{
    /// <summary>
    /// The revision that the chat must be at. Otherwise the call fails with <see cref="RevisionMismatchException"/>. If null, any revision is accepted.
    /// </summary>
    public long? ExpectedRevision { get; init; }

    /// <summary>
    /// What happens if a turn is queued or running. Default: the call fails with CHAT_BUSY. <see cref="BusyPolicy.Interrupt"/> and
    /// <see cref="BusyPolicy.Rollback"/> cancel the turns; <see cref="BusyPolicy.Enqueue"/> is invalid.
    /// </summary>
    public BusyPolicy OnBusy { get; init; }

    /// <summary>Whether the turns that aren't in the history then are deleted permanently, except for turns that forks have. Default false.</summary>
    public bool Erase { get; init; }

    /// <summary>
    /// The request ID. If a request is repeated with the same ID, it doesn't move the head again. If null, the client generates one for the call and its
    /// retries.
    /// </summary>
    public string? RequestId { get; init; }

    internal RewindChatRequest ToRequest(string name, long revision)
    {
        var request = new RewindChatRequest
        {
            Name = name,
            Revision = revision,
            OnBusy = OnBusy,
            Erase = Erase,
            RequestId = RequestId ?? RequestIds.New(),
        };
        if (ExpectedRevision is { } expected)
        {
            request.ExpectedRevision = expected;
        }

        return request;
    }
}
