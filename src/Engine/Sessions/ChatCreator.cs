using GenAI.Chats.Engine.Sessions.Creation;

namespace GenAI.Chats.Engine.Sessions;

/// <summary>Creates the chat of a session, with an initial history or with the turns of another chat.</summary>
internal sealed class ChatCreator(ChatState chat, ChatsOptions options, ILogger logger)
{
    /// <inheritdoc cref="IChatSession.CreateAsync"/>
    /// <returns>The chat. Null: it exists and must be read.</returns>
    public async Task<Chat?> CreateAsync(CreateChatRequest request)
    {
        using (await EnterAsync())
        {
            var step = NewChat.From(request, chat.Key, chat.Now, chat.Quota.Limits);
            return await CreateAsync(step, step.Chat, step.History.Count);
        }
    }

    /// <inheritdoc cref="IChatSession.ForkAsync"/>
    /// <returns>The chat. Null: it exists and must be read.</returns>
    public async Task<Chat?> ForkAsync(ForkChatRequest request, ChatKey source)
    {
        using (await EnterAsync())
        {
            // The chat may have expired, or have been created elsewhere.
            await chat.ReloadAsync();
            if (IsCreatedBy(chat.Chat, request.RequestId, NewChat.HashOf(request)))
            {
                return null;
            }

            var from = await chat.ReadAsync(s => s.LoadAsync(source, CancellationToken.None)) ?? throw ChatErrors.ChatNotFound(source.ChatId);
            var revision = request.HasRevision ? request.Revision : new HistoryTree(from.Chat.Tree, from.Chat.Revision).HeadRevision;
            var node = await FindForkPointAsync(request, from.Chat, revision);
            var open = await chat.Contexts.OpenSequenceAsync(from.Chat, node);
            var step = NewChat.Fork(request, from.Chat, node, open, chat.Key, chat.Now, chat.Quota.Limits);
            return await CreateAsync(step, step.Chat, node.Sequence);
        }
    }

    // If the session was closed because the chat was deleted, the next session creates it.
    private async ValueTask<AsyncLock.Holder> EnterAsync()
    {
        try
        {
            return await chat.EnterAsync();
        }
        catch (ChatException) when (chat.Failure is ChatException)
        {
            throw new ChatConflictException("The chat was deleted.");
        }
    }

    // The head of the source may have been erased since it was read.
    private async Task<TurnInput.Types.Parent> FindForkPointAsync(ForkChatRequest request, ChatRecord source, long revision)
    {
        try
        {
            return await chat.ReadAsync(s => TurnFinder.FindAsync(s, source, revision, "revision", CancellationToken.None));
        }
        catch (ChatException failure) when (!request.HasRevision && failure.Code is Code.NotFound)
        {
            throw new ChatConflictException("The head of the source was moved.");
        }
    }

    // Requires the write lock. If the same request has created the chat before, the cache is read again. Returns null if the chat must be read: the store
    // sets when it expires.
    private async Task<Chat?> CreateAsync(ChatStep step, ChatRecord created, long lastSequence)
    {
        if (created.StoredBytes > options.MaxHistoryBytes)
        {
            throw ChatErrors.HistoryTooLarge(options.MaxHistoryBytes);
        }

        if (chat.Chat is null && await chat.Quota.CheckBytesAsync(created.StoredBytes) is { } rejection)
        {
            throw LimitsLog.Rejected(logger, rejection);
        }

        ChatRecord? existing;
        try
        {
            existing = (await chat.CommitAsync(step)).ExistingChat;
        }
        catch (ChatLimitException limit)
        {
            throw LimitsLog.Rejected(logger, LimitErrors.Chats(limit.MaxChats));
        }

        if (existing is null)
        {
            var snapshot = new ChatSnapshot(created, lastSequence, []);
            chat.Create(snapshot);
            return created.Settings is { Ttl: null, ExpireTime: null } ? Views.Chat(snapshot) : null;
        }

        if (!IsCreatedBy(existing, created.CreateRequestId, created.CreateRequestHash))
        {
            throw ChatErrors.ChatExists(chat.Key.ChatId);
        }

        await chat.ReloadAsync();
        return null;
    }

    private static bool IsCreatedBy(ChatRecord? chat, string requestId, ReadOnlyMemory<byte> hash) =>
        chat is not null && requestId.Length > 0 && chat.CreateRequestId == requestId
        && (chat.CreateRequestHash.Span.SequenceEqual(hash.Span) ? true : throw ChatErrors.RequestIdReused());
}
