namespace GenAI.Chats.Client;

/// <summary>Options for creating a chat, in addition to its model, config, and history.</summary>
public sealed record CreateOptions
{
    /// <summary>
    /// The chat's ID: at most 128 letters, digits, '.', '_', and '-', starting with a letter or digit. If null, the service chooses one.
    /// </summary>
    public string? ChatId { get; init; }

    /// <summary>A name to show to people. Default: none.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Labels that lists of chats can be filtered by. Default: none.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>
    /// How long the chat is kept after the last change to its history. Can't be combined with <see cref="ExpireTime"/>. Default: the chat doesn't expire.
    /// </summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>The time when the chat expires. Default: the chat doesn't expire.</summary>
    public DateTimeOffset? ExpireTime { get; init; }

    /// <summary>
    /// The request ID. If a request is repeated with the same ID, it returns the same chat. If null, the client generates one for the call and its retries.
    /// </summary>
    public string? RequestId { get; init; }
}
