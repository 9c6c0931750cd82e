using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.History;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.V1;

namespace GenAI.Chats.Engine.Sessions;

/// <content>The chat itself: created, shown, changed, deleted.</content>
internal sealed partial class ChatSession
{
    // For how long a deletion that is sent again is known for sure: longer than any client tries.
    private static readonly TimeSpan RememberedDeletions = TimeSpan.FromDays(1);

    /// <summary>Creates the chat, or shows it where this very request has created it before.</summary>
    public async Task<Chat> CreateAsync(CreateChatRequest request)
    {
        using (await EnterWriteAsync())
        {
            RequireModel(request.Model, "model");
            var step = NewChat(request);
            if (_chat is null && await _quota!.CheckBytesAsync(step.Chat.StoredBytes) is { } refusal)
            {
                throw Rejected(refusal);
            }

            ChatRecord? existing;
            try
            {
                existing = (await Commit(() => Store.ApplyAsync(_key, step))).ExistingChat;
            }
            catch (ChatLimitException limit)
            {
                throw Rejected(LimitErrors.Chats(limit.MaxChats));
            }

            if (existing is null)
            {
                _quota!.CountStored(step.Chat.StoredBytes);
                var created = new ChatSnapshot(step.Chat, step.History.Count, []);
                foreach (var turn in Adopt(created))
                {
                    // Of a chat of that name that was deleted elsewhere.
                    turn.Log.Fail(ChatErrors.TurnNotFound(turn.Record.TurnId));
                }

                return Views.Chat(created);
            }

            if (request.RequestId.Length == 0 || existing.CreateRequestId != request.RequestId)
            {
                throw ChatErrors.ChatExists(_key.ChatId);
            }

            if (!existing.CreateRequestHash.Span.SequenceEqual(step.Chat.CreateRequestHash.Span))
            {
                throw ChatErrors.RequestIdReused();
            }

            await ReloadAsync();
        }

        return await GetAsync(CancellationToken.None);
    }

    /// <summary>The chat as the store has it.</summary>
    public async Task<Chat> GetAsync(CancellationToken cancellationToken)
    {
        ThrowIfOver();
        var snapshot = await Guarded(() => Store.LoadAsync(_key, cancellationToken));
        return Views.Chat(snapshot ?? throw ChatErrors.ChatNotFound(_key.ChatId));
    }

    /// <summary>Changes the settings that the mask lists. Turns that start later run with them.</summary>
    public async Task<Chat> UpdateAsync(UpdateChatRequest request)
    {
        using (await EnterWriteAsync())
        {
            var chat = RequireChat();
            var settings = Changed(chat.Settings, request);
            var growth = settings.CalculateSize() - chat.Settings.CalculateSize();
            await CheckGrowthAsync(chat, growth);
            var now = Now;
            await Commit(() => Store.ApplyAsync(_key, new UpdateStep(chat.Version, settings, now, growth)));
            _quota!.CountStored(growth);
            _chat = chat with { Version = chat.Version + 1, Settings = settings, UpdateTime = now, StoredBytes = chat.StoredBytes + growth };
        }

        return await GetAsync(CancellationToken.None);
    }

    /// <summary>
    /// Deletes the chat and its history; a turn that runs is stopped and leaves nothing. Done again with the same request id it deletes nothing more.
    /// </summary>
    /// <returns>Whether there was such a chat.</returns>
    public async Task<bool> DeleteAsync(string requestId)
    {
        using (await EnterWriteAsync())
        {
            var now = Now;
            var step = new DeleteStep(requestId, now, now - RememberedDeletions);
            var deletion = (await Commit(() => Store.ApplyAsync(_key, step))).Deletion;
            if (deletion is not Deletion.DoneBefore)
            {
                _quota!.CountStored(deletion is Deletion.Done ? -(_chat?.StoredBytes ?? 0) : 0);
                End(ChatErrors.ChatNotFound(_key.ChatId));
            }

            return deletion is not Deletion.NotFound;
        }
    }

    /// <summary>A page of the history.</summary>
    public async Task<GetHistoryResponse> GetHistoryAsync(GetHistoryRequest request, CancellationToken cancellationToken)
    {
        ThrowIfOver();
        var pager = new HistoryPager(_key, Store, request);
        return await Guarded(() => pager.ReadAsync(cancellationToken)) ?? throw ChatErrors.ChatNotFound(_key.ChatId);
    }

    // Settings that grow no larger are always taken.
    private async ValueTask CheckGrowthAsync(ChatRecord chat, long growth)
    {
        if (growth <= 0)
        {
            return;
        }

        if (chat.StoredBytes + _queue.InputBytes + growth > Options.MaxHistoryBytes)
        {
            throw ChatErrors.HistoryTooLarge(Options.MaxHistoryBytes);
        }

        if (await _quota!.CheckBytesAsync(growth) is { } refusal)
        {
            throw Rejected(refusal);
        }
    }

    private CreateStep NewChat(CreateChatRequest request)
    {
        var now = Now;
        var settings = new ChatSettings { Model = request.Model, Config = request.Config, DisplayName = request.DisplayName };
        settings.Labels.Add(request.Labels);
        var asked = request.Clone();
        asked.RequestId = "";
        var history = InitialHistory.Split(request.History, now);
        var chat = new ChatRecord
        {
            Key = _key,

            // No number that an earlier chat of that name has had: who still knows that one meets a conflict.
            Version = now.UtcTicks,
            Settings = settings,
            StoredBytes = settings.CalculateSize() + history.Sum(piece => piece.InputBytes + piece.Outcome!.CalculateSize()),
            OpenSequence = history.FirstOrDefault(piece => piece.Outcome!.Open)?.Sequence ?? 0,
            CreateTime = now,
            UpdateTime = now,
            CreateRequestId = request.RequestId,
            Incarnation = Guid.CreateVersion7(now).ToString("N"),
            CreateRequestHash = CanonicalHash.Of(asked),
        };
        return chat.StoredBytes > Options.MaxHistoryBytes
            ? throw ChatErrors.HistoryTooLarge(Options.MaxHistoryBytes)
            : new CreateStep(chat, history, _quota!.MaxChats);
    }

    private ChatSettings Changed(ChatSettings before, UpdateChatRequest request)
    {
        var settings = before.Clone();
        foreach (var path in request.UpdateMask.Paths)
        {
            switch (path)
            {
                case "model":
                    RequireModel(request.Chat.Model, "chat.model");
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
                    throw new ArgumentException($"The mask's path {path} is not one that can be changed.", nameof(request));
            }
        }

        return settings;
    }

    private void RequireModel(string model, string field)
    {
        if (!_services.Models.TryResolve(model, out _))
        {
            throw ChatErrors.UnknownModel(model, field);
        }
    }
}
