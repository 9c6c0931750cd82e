using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>Takes a chat's settings and initial history from requests.</summary>
internal static class NewChat
{
    /// <summary>Creates the step that creates a chat.</summary>
    /// <param name="request">The request.</param>
    /// <param name="key">The chat.</param>
    /// <param name="now">The current time.</param>
    /// <param name="maxChats">The maximum number of the tenant's chats.</param>
    public static CreateStep From(CreateChatRequest request, ChatKey key, DateTimeOffset now, long maxChats)
    {
        var settings = new ChatSettings { Model = request.Model, Config = request.Config, DisplayName = request.DisplayName };
        settings.Labels.Add(request.Labels);
        var hashed = request.Clone();
        hashed.RequestId = "";
        var history = InitialHistory.Split(request.History, now);
        var chat = new ChatRecord
        {
            Key = key,

            // No earlier chat with this name has had this version, so steps that are based on one fail.
            Version = now.UtcTicks,
            Settings = settings,
            StoredBytes = settings.CalculateSize() + history.Sum(piece => piece.InputBytes + piece.Outcome!.CalculateSize()),
            OpenSequence = history.FirstOrDefault(piece => piece.Outcome!.Open)?.Sequence ?? 0,
            CreateTime = now,
            UpdateTime = now,
            CreateRequestId = request.RequestId,
            Incarnation = Guid.CreateVersion7(now).ToString("N"),
            CreateRequestHash = CanonicalHash.Of(hashed),
        };
        return new CreateStep(chat, history, maxChats);
    }

    /// <summary>Returns settings with the changes of a request.</summary>
    public static ChatSettings Changed(ChatSettings before, UpdateChatRequest request)
    {
        var settings = before.Clone();
        foreach (var path in request.UpdateMask.Paths)
        {
            switch (path)
            {
                case "model":
                    settings.Model = request.Chat.Model;
                    break;
                case "config":
                    settings.Config = request.Chat.Config;
                    break;
                case "display_name":
                    settings.DisplayName = request.Chat.DisplayName;
                    break;
                case "labels":
                    settings.Labels.Clear();
                    settings.Labels.Add(request.Chat.Labels);
                    break;
                default:
                    throw new ArgumentException($"The update mask's path {path} can't be changed.", nameof(request));
            }
        }

        return settings;
    }
}
