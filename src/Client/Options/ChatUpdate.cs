using GenAI.Chats.V1;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Client;

/// <summary>Changes of a chat's settings. What is null stays as it is.</summary>
public sealed record ChatUpdate
{
    /// <summary>The model of the turns to come; the history stays.</summary>
    public string? Model { get; init; }

    /// <summary>The config of the turns to come, whole.</summary>
    public GenerateContentConfig? Config { get; init; }

    /// <summary>The name for people; empty takes it away.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The labels, all of them.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

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

        return mask.Paths.Count > 0
            ? new UpdateChatRequest { Chat = chat, UpdateMask = mask }
            : throw new ArgumentException("A ChatUpdate must change something.");
    }
}
