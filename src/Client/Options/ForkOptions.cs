using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Client;

/// <summary>Options for forking a chat. Properties that are null keep the settings of the source.</summary>
public sealed record ForkOptions
{
    /// <summary>The new chat's ID. See <see cref="CreateOptions.ChatId"/>. If null, the service chooses one.</summary>
    public string? ChatId { get; init; }

    /// <summary>The name to show to people.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Labels to add to the source's labels. A label with the same key replaces the source's.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The model.</summary>
    public string? Model { get; init; }

    /// <summary>The config.</summary>
    public GenerateContentConfig? Config { get; init; }

    /// <summary>How long the new chat is kept after the last change to its history.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>
    /// The request ID. If a request is repeated with the same ID, it returns the same chat. If null, the client generates one for the call and its retries.
    /// </summary>
    public string? RequestId { get; init; }

    internal ForkChatRequest ToRequest(string name, long? revision)
    {
        var request = new ForkChatRequest
        {
            Name = name,
            ChatId = ChatId ?? "",
            DisplayName = DisplayName ?? "",
            Labels = { Labels?.ToDictionary() ?? [] },
            Model = Model ?? "",
            Config = Config?.Clone(),
            Ttl = Ttl is { } ttl ? Duration.FromTimeSpan(ttl) : null,
            RequestId = RequestId ?? RequestIds.New(),
        };
        if (revision is { } last)
        {
            request.Revision = last;
        }

        return request;
    }
}
