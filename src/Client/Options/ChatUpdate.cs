using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Client;

/// <summary>Changes to a chat's settings. Properties that are null stay unchanged.</summary>
public sealed record ChatUpdate
{
    /// <summary>The model for future turns. The history stays unchanged.</summary>
    public string? Model { get; init; }

    /// <summary>The config for future turns. It replaces the current one.</summary>
    public GenerateContentConfig? Config { get; init; }

    /// <summary>The name to show to people. If empty, the name is removed.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The labels. They replace all current ones.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>
    /// How long the chat is kept after the last change to its history, or after this update. Replaces <see cref="ExpireTime"/>, and can't be combined with it.
    /// </summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>The time when the chat expires. Replaces <see cref="Ttl"/>.</summary>
    public DateTimeOffset? ExpireTime { get; init; }

    /// <summary>Whether the chat no longer expires. Default false.</summary>
    public bool NeverExpires { get; init; }

    internal UpdateChatRequest ToRequest(string name)
    {
        object? never = NeverExpires ? true : null;
        (string Path, object? Value)[] properties =
        [
            ("model", Model), ("config", Config), ("display_name", DisplayName), ("labels", Labels), ("ttl", Ttl ?? never), ("expire_time", ExpireTime ?? never),
        ];
        var mask = new FieldMask { Paths = { properties.Where(property => property.Value is not null).Select(property => property.Path) } };
        if (mask.Paths.Count == 0)
        {
            throw new ArgumentException("At least one property must be set.");
        }

        var chat = new V1.Chat
        {
            Name = name,
            Model = Model ?? "",
            Config = Config?.Clone(),
            DisplayName = DisplayName ?? "",
            Labels = { Labels?.ToDictionary() ?? [] },
            Ttl = Ttl is { } ttl ? Duration.FromTimeSpan(ttl) : null,
            ExpireTime = ExpireTime is { } expireTime ? Timestamp.FromDateTimeOffset(expireTime) : null,
        };
        return new UpdateChatRequest { Chat = chat, UpdateMask = mask };
    }
}
