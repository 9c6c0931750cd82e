namespace GenAI.Chats.Client;

/// <summary>How a chat is created, beyond its model, config and history.</summary>
public sealed record CreateOptions
{
    /// <summary>The chat's id: letters, digits, '.', '_' and '-', at most 128, the first one a letter or digit. Null: the service chooses one.</summary>
    public string? ChatId { get; init; }

    /// <summary>A name for people. Default none.</summary>
    public string? DisplayName { get; init; }

    /// <summary>What lists of chats can be filtered by. Default none.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The id of this creation: another one with it is the same chat. Null: the client makes one for the creation and its retries.</summary>
    public string? RequestId { get; init; }
}
