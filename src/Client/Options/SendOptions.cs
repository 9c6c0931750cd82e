namespace GenAI.Chats.Client;

/// <summary>Options for sending a message. A <see cref="GenerateContentConfig"/> converts to it.</summary>
public sealed record SendOptions
{
    /// <summary>
    /// The config of this turn. It replaces the chat's config, including the system instruction and tools, as in Google's SDKs; see
    /// <see cref="MergeConfig"/>. If null, the chat's config is used.
    /// </summary>
    public GenerateContentConfig? Config { get; init; }

    /// <summary>Whether <see cref="Config"/> is merged into the chat's config, field by field, instead of replacing it. Default false.</summary>
    public bool MergeConfig { get; init; }

    /// <summary>The model that runs this turn. If null, the chat's model.</summary>
    public string? Model { get; init; }

    /// <summary>
    /// The request ID, at most 128 characters. If a message is sent again with the same ID, for example after your program restarted, it joins the same turn.
    /// If null, the client generates one for the call and its retries.
    /// </summary>
    public string? RequestId { get; init; }

    /// <summary>
    /// The revision that the chat must be at. Otherwise the call fails with <see cref="RevisionMismatchException"/>, and no turn is started. If null, any
    /// revision is accepted.
    /// </summary>
    public long? ExpectedRevision { get; init; }

    /// <summary>
    /// The revision of the turn that the message follows, instead of the head; 0 is the initial history. If the turn completes, it becomes the head. If null, the
    /// message follows the head. <see cref="Chat.EditAsync"/> sets it.
    /// </summary>
    public long? AfterRevision { get; init; }

    /// <summary>What happens if a turn is queued or running. Default: the message waits in the queue.</summary>
    public BusyPolicy OnBusy { get; init; }

    /// <summary>
    /// Whether to cancel the turn if the caller cancels the token, reaches the time limit, or stops reading the stream. If false, the turn continues and is
    /// recorded. A lost connection never cancels a turn. Default false.
    /// </summary>
    public bool CancelTurn { get; init; }

    /// <summary>Overrides <see cref="ChatsClientOptions.SendTimeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Overrides <see cref="ChatsClientOptions.OnTurnRestart"/>.</summary>
    public TurnRestartPolicy? OnTurnRestart { get; init; }

    /// <summary>Creates options with a config that replaces the chat's config for the turn.</summary>
    public static implicit operator SendOptions?(GenerateContentConfig? config) => config is null ? null : new SendOptions { Config = config };

    internal SendMessageRequest ToRequest(string name, Message message)
    {
        var request = new SendMessageRequest
        {
            Name = name,
            Config = Config?.Clone(),
            ConfigMode = MergeConfig ? SendMessageRequest.Types.ConfigMode.Merge : SendMessageRequest.Types.ConfigMode.Replace,
            RequestId = RequestId ?? RequestIds.New(),
            OnBusy = OnBusy,
            Model = Model ?? "",
        };
        if (ExpectedRevision is { } revision)
        {
            request.ExpectedRevision = revision;
        }

        if (AfterRevision is { } after)
        {
            request.AfterRevision = after;
        }

        message.Fill(request);
        return request;
    }

    internal void Validate()
    {
        OptionCheck.Require(
            Timeout is null || OptionCheck.IsTimeout(Timeout.Value), nameof(SendOptions), nameof(Timeout), Timeout, OptionCheck.TimeoutRule);
        OptionCheck.Require(RequestId is not "", nameof(SendOptions), nameof(RequestId), RequestId, "at least one character, or null");
    }
}
