using GenAI.Chats.V1;
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
        var chat = new V1.Chat { Name = name };
        var mask = new FieldMask();
        if (Model is not null)
        {
            chat.Model = Model;
            mask.Paths.Add("model");
        }

        if (Config is not null)
        {
            chat.Config = Config.Clone();
            mask.Paths.Add("config");
        }

        if (DisplayName is not null)
        {
            chat.DisplayName = DisplayName;
            mask.Paths.Add("display_name");
        }

        if (Labels is not null)
        {
            chat.Labels.Add(Labels.ToDictionary());
            mask.Paths.Add("labels");
        }

        if (Ttl is { } ttl)
        {
            chat.Ttl = Duration.FromTimeSpan(ttl);
        }

        if (ExpireTime is { } expireTime)
        {
            chat.ExpireTime = Timestamp.FromDateTimeOffset(expireTime);
        }

        if (Ttl is not null || NeverExpires)
        {
            mask.Paths.Add("ttl");
        }

        if (ExpireTime is not null || NeverExpires)
        {
            mask.Paths.Add("expire_time");
        }

        return mask.Paths.Count > 0
            ? new UpdateChatRequest { Chat = chat, UpdateMask = mask }
            : throw new ArgumentException("At least one property must be set.");
    }
}
