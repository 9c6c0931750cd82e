namespace GenAI.Chats.Engine.Sessions.Creation;

/// <summary>Takes a chat's settings and initial history from requests.</summary>
internal static class NewChat
{
    /// <summary>Creates the step that creates a chat.</summary>
    /// <param name="request">The request.</param>
    /// <param name="key">The chat.</param>
    /// <param name="now">The current time.</param>
    /// <param name="limits">The tenant's limits.</param>
    public static CreateStep From(CreateChatRequest request, ChatKey key, DateTimeOffset now, TenantLimits limits)
    {
        var settings = new ChatSettings
        {
            Model = request.Model,
            Config = request.Config,
            DisplayName = request.DisplayName,
            Ttl = request.Ttl,
            ExpireTime = request.ExpireTime,
        };
        settings.Labels.Add(request.Labels);
        ExpiryRules.Apply(settings, limits, now);
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
        return new CreateStep(chat, history, limits.Chats ?? long.MaxValue);
    }

    /// <summary>Creates the step that creates a chat with the turns of another one.</summary>
    /// <param name="request">The request.</param>
    /// <param name="source">The source.</param>
    /// <param name="node">The last turn of the source that the chat has.</param>
    /// <param name="openSequence">The first turn of the exchange that is open at that turn. 0: none is open.</param>
    /// <param name="key">The chat.</param>
    /// <param name="now">The current time.</param>
    /// <param name="limits">The tenant's limits.</param>
    public static ForkStep Fork(
        ForkChatRequest request, ChatRecord source, TurnInput.Types.Parent node, long openSequence, ChatKey key, DateTimeOffset now, TenantLimits limits)
    {
        var settings = source.Settings.Clone();
        settings.Model = request.Model.Length > 0 ? request.Model : settings.Model;
        settings.Config = request.Config ?? settings.Config;
        settings.DisplayName = request.DisplayName.Length > 0 ? request.DisplayName : settings.DisplayName;
        foreach (var (label, value) in request.Labels)
        {
            settings.Labels[label] = value;
        }

        if (request.Ttl is not null)
        {
            (settings.Ttl, settings.ExpireTime) = (request.Ttl, null);
        }

        ExpiryRules.Apply(settings, limits, now);

        var tree = new HistoryTree(source.Tree, source.Revision);
        var point = new Chat.Types.ForkPoint { Name = source.Key.Name, Revision = node.Revision };
        var chat = new ChatRecord
        {
            Key = key,
            Version = now.UtcTicks,
            Settings = settings,
            Revision = node.Revision,
            Tree = tree.ForkAt(node.Sequence, point),
            TurnCount = tree.CountTo(node.Revision),
            StoredBytes = settings.CalculateSize(),
            OpenSequence = openSequence,
            CreateTime = now,
            UpdateTime = now,
            CreateRequestId = request.RequestId,
            Incarnation = Guid.CreateVersion7(now).ToString("N"),
            CreateRequestHash = HashOf(request),
        };
        return new ForkStep(chat, source.Key, source.Incarnation, ChatPaths.To(source.Tree, node.Sequence), limits.Chats ?? long.MaxValue);
    }

    /// <summary>Returns the hash of a request to fork. A retry has the same.</summary>
    public static byte[] HashOf(ForkChatRequest request)
    {
        var hashed = request.Clone();
        hashed.RequestId = "";
        return CanonicalHash.Of(hashed);
    }

    /// <summary>Returns settings with the changes of a request.</summary>
    public static ChatSettings Changed(ChatSettings before, UpdateChatRequest request, DateTimeOffset now, TenantLimits limits)
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
                case "ttl":
                    (settings.Ttl, settings.ExpireTime) = (request.Chat.Ttl, request.Chat.Ttl is null ? settings.ExpireTime : null);
                    break;
                case "expire_time":
                    (settings.ExpireTime, settings.Ttl) = (request.Chat.ExpireTime, request.Chat.ExpireTime is null ? settings.Ttl : null);
                    break;
                default:
                    throw new ArgumentException($"The update mask's path {path} can't be changed.", nameof(request));
            }
        }

        if (request.UpdateMask.Paths.Any(path => path is "ttl" or "expire_time"))
        {
            ExpiryRules.Apply(settings, limits, now, "chat.");
        }

        return settings;
    }
}
