using System.Collections.Concurrent;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Storage.Records;
using GenAI.Chats.Storage.Columns;
using GenAI.Chats.Storage.GrainStorage.Heads;
using GenAI.Chats.Storage.GrainStorage.Pages;
using GenAI.Chats.Storage.GrainStorage.Provider;
using GenAI.Chats.Storage.GrainStorage.Tenants;
using GenAI.Chats.Storage.Records;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>Creates, deletes, and lists chats: their heads, and the lists of their tenants.</summary>
internal sealed class ChatCatalog(ChatHeads heads, ChatLog log, SealedRecords sealedRecords, TenantIndex index, AbandonedChats servers, Garbage garbage, string serverId)
{
    // The incarnations of chats that this server is creating or deleting. No other call settles them.
    private readonly ConcurrentDictionary<string, bool> _underWay = new(StringComparer.Ordinal);

    /// <inheritdoc cref="CreateStep" />
    public async Task<StepResult> CreateAsync(CreateStep step, SerializedStep serialized)
    {
        var key = step.Chat.Key;
        while (true)
        {
            // Read before the doubt is added: if another server settles the doubt, this write finds another head.
            var commits = (await heads.ReadAsync(key).ConfigureAwait(false)).Head.Commits;
            if (await FindAsync(key).ConfigureAwait(false) is { } existing)
            {
                return StepResult.Exists(existing);
            }

            var incarnation = RecordName.NewRecord();
            _underWay[incarnation] = true;
            try
            {
                var doubt = await ReserveAsync(key, incarnation, step.MaxChats).ConfigureAwait(false);
                var isCreated = await CreateAsync(step, serialized, doubt, commits).ConfigureAwait(false);
                garbage.Run(() => index.SettleAsync(key.Tenant, doubt, isCreated));
                if (isCreated)
                {
                    return StepResult.Applied;
                }
            }
            finally
            {
                _underWay.TryRemove(incarnation, out _);
            }
        }
    }

    /// <inheritdoc cref="DeleteStep" />
    public async Task<Deletion> DeleteAsync(ChatKey key, DeleteStep step)
    {
        while (true)
        {
            var found = (await heads.ReadAsync(key).ConfigureAwait(false)).Head;
            if (found.Deletions.Any(deletion => deletion.RequestId == step.RequestId))
            {
                return Deletion.DoneBefore;
            }

            if (found is not { Chat: { } chat, Incarnation: var incarnation, Commits: var commits })
            {
                return Deletion.NotFound;
            }

            _underWay[incarnation] = true;
            try
            {
                var doubt = await index.DoubtAsync(key, incarnation, chat.Segment).ConfigureAwait(false);
                var isDeleted = await heads.CommitAsync<bool>(key, head =>
                {
                    if (head.Commits != commits)
                    {
                        return Task.FromResult(((HeadEdit?)null, false));
                    }

                    var edit = heads.Edit(key, head);
                    edit.Head.Deleted.Add(edit.Chat);
                    edit.Head.Chat = null;
                    edit.Deleted(step);
                    return Task.FromResult(((HeadEdit?)edit, true));
                }).ConfigureAwait(false);
                garbage.Run(() => SettleDeletedAsync(key, doubt));
                if (isDeleted)
                {
                    return Deletion.Done;
                }
            }
            finally
            {
                _underWay.TryRemove(incarnation, out _);
            }
        }
    }

    /// <inheritdoc cref="IChatStore.ListAsync" />
    public async Task<ChatListPage> ListAsync(ChatListQuery query, CancellationToken cancellationToken)
    {
        var found = await ReadAllAsync(query.Tenant, cancellationToken).ConfigureAwait(false);
        var matches = found
            .Where(chat => chat.Chat is not null && HasLabels(chat.Chat.Settings, query.Labels) && IsAfter(chat.Named.ChatId, chat.Chat, query.After))
            .OrderByDescending(chat => chat.Chat!.UpdateTime)
            .ThenBy(chat => chat.Named.ChatId, StringComparer.Ordinal)
            .Take(query.PageSize + 1)
            .ToList();
        var page = await RecordStorage.ForEachAsync(
            [.. matches.Take(query.PageSize)], match => SnapshotAsync(new ChatKey(query.Tenant, match.Named.ChatId), match.Chat!), cancellationToken).ConfigureAwait(false);
        return new ChatListPage(
            [.. page.OfType<ChatSnapshot>()],
            matches.Count > query.PageSize ? new ChatListPosition(Ticks.ToTime(matches[query.PageSize - 1].Chat!.UpdateTime), matches[query.PageSize - 1].Named.ChatId) : null);
    }

    /// <inheritdoc cref="ITenantUsageStore.SumStoredBytesAsync" />
    public async Task<long> SumStoredBytesAsync(string tenant, CancellationToken cancellationToken) =>
        (await ReadAllAsync(tenant, cancellationToken).ConfigureAwait(false)).Sum(chat => chat.Chat?.StoredBytes ?? 0);

    /// <summary>Reads a chat's head and pending turns.</summary>
    public async Task<ChatSnapshot> LoadAsync(ChatKey key, ChatHead.Types.Chat chat)
    {
        var config = chat.Config is null ? null : await sealedRecords.ReadPayloadAsync(key, chat.Config).ConfigureAwait(false);
        var pending = chat.Tail.Where(TurnMapping.IsPending).Select(turn => TurnMapping.FromLog(turn, input: null, outcome: null));
        return new ChatSnapshot(HeadMapping.FromHead(key, chat, config), chat.LastSequence, [.. pending]);
    }

    // The chat is null if it was deleted.
    private async Task<IReadOnlyList<(ListedChat Named, ChatHead.Types.Chat? Chat)>> ReadAllAsync(string tenant, CancellationToken cancellationToken)
    {
        var (doubts, settled) = await index.ReadAsync(tenant).ConfigureAwait(false);
        var named = settled.Concat(doubts.Select(doubt => new ListedChat(doubt.ChatId, doubt.Incarnation, 0))).DistinctBy(chat => chat.Incarnation).ToList();
        var found = await RecordStorage.ForEachAsync(
            named,
            async chat =>
            {
                var head = (await heads.ReadAsync(new ChatKey(tenant, chat.ChatId), isKept: false).ConfigureAwait(false)).Head;
                return (Named: chat, Chat: head.Incarnation == chat.Incarnation ? head.Chat : null);
            },
            cancellationToken).ConfigureAwait(false);
        Tidy(tenant, doubts, found);
        return found;
    }

    private Task<ChatRecord?> FindAsync(ChatKey key) => heads.ReadAsync(
        key, async head => head.Chat is null ? null : (await LoadAsync(key, head.Chat).ConfigureAwait(false)).Chat, CancellationToken.None);

    // A chat that changes while it is listed is read again.
    private async Task<ChatSnapshot?> SnapshotAsync(ChatKey key, ChatHead.Types.Chat chat)
    {
        try
        {
            return await ListedAsync(chat).ConfigureAwait(false);
        }
        catch (RecordMissingException)
        {
            return await heads.ReadAsync(
                key, async head => head.Chat is null ? null : await ListedAsync(head.Chat).ConfigureAwait(false), CancellationToken.None).ConfigureAwait(false);
        }

        Task<ChatSnapshot> ListedAsync(ChatHead.Types.Chat some)
        {
            var withoutConfig = some.Clone();
            withoutConfig.Config = null;
            return LoadAsync(key, withoutConfig);
        }
    }

    private async Task<TenantChats.Types.Doubt> ReserveAsync(ChatKey key, string incarnation, long maxChats)
    {
        if (await index.ReserveAsync(key, incarnation, maxChats).ConfigureAwait(false) is { } doubt)
        {
            return doubt;
        }

        // Chats that were deleted, or never created, might still be counted.
        foreach (var old in await index.DoubtsAsync(key.Tenant).ConfigureAwait(false))
        {
            await TrySettleAsync(key.Tenant, old).ConfigureAwait(false);
        }

        return await index.ReserveAsync(key, incarnation, maxChats).ConfigureAwait(false) ?? throw new ChatLimitException(maxChats);
    }

    private Task<bool> CreateAsync(CreateStep step, SerializedStep serialized, TenantChats.Types.Doubt doubt, long commits)
    {
        var key = step.Chat.Key;
        return heads.CommitAsync<bool>(key, head =>
        {
            if (head.Chat is not null || head.Commits != commits)
            {
                return Task.FromResult(((HeadEdit?)null, false));
            }

            var edit = heads.Edit(key, head);
            edit.Head.Incarnation = doubt.Incarnation;
            edit.Head.Chat = HeadMapping.ToHead(step.Chat, serialized.Settings!.Rest, doubt.Segment);
            edit.Chat.Config = serialized.Settings.Config is { } config ? edit.Put(config) : null;
            foreach (var piece in serialized.Turns)
            {
                edit.Append(TurnMapping.ToLog(piece.Record, edit.Put(piece.Input), edit.Put(piece.Outcome!)));
                edit.Seal();
            }

            return Task.FromResult(((HeadEdit?)edit, true));
        });
    }

    private async Task SettleDeletedAsync(ChatKey key, TenantChats.Types.Doubt doubt)
    {
        await index.SettleAsync(key.Tenant, doubt, isThere: false).ConfigureAwait(false);
        await ClearDeletedAsync(key).ConfigureAwait(false);
    }

    private async Task ClearDeletedAsync(ChatKey key)
    {
        var head = (await heads.ReadAsync(key).ConfigureAwait(false)).Head;
        if (head.Deleted.Count == 0)
        {
            return;
        }

        foreach (var names in await log.NamesAsync(key, head.Deleted[0]).ConfigureAwait(false))
        {
            await sealedRecords.ClearAsync(names).ConfigureAwait(false);
        }

        await heads.CommitAsync<bool>(key, latest =>
        {
            var edit = heads.Edit(key, latest);
            return Task.FromResult((edit.Head.Deleted.Remove(head.Deleted[0]) ? edit : null, true));
        }, isStep: false).ConfigureAwait(false);
        await ClearDeletedAsync(key).ConfigureAwait(false);
    }

    private async Task TrySettleAsync(string tenant, TenantChats.Types.Doubt doubt)
    {
        var key = new ChatKey(tenant, doubt.ChatId);
        if (_underWay.ContainsKey(doubt.Incarnation))
        {
            return;
        }

        if (doubt.Server != serverId && !await servers.IsServerGoneAsync(doubt.Server).ConfigureAwait(false))
        {
            return;
        }

        // If its server is only frozen, its write finds another head.
        var isThere = await heads.CommitAsync<bool>(
            key,
            head => Task.FromResult<(HeadEdit?, bool)>((heads.Edit(key, head), head.Chat is not null && head.Incarnation == doubt.Incarnation)),
            isStep: false).ConfigureAwait(false);
        await index.SettleAsync(tenant, doubt, isThere).ConfigureAwait(false);
        await ClearDeletedAsync(key).ConfigureAwait(false);
    }

    // Settles doubts of servers that are gone, and removes the names of deleted chats.
    private void Tidy(string tenant, IReadOnlyList<TenantChats.Types.Doubt> doubts, IReadOnlyList<(ListedChat Named, ChatHead.Types.Chat? Chat)> found)
    {
        var gone = found.Where(chat => chat.Chat is null && chat.Named.Segment > 0 && doubts.All(doubt => doubt.Incarnation != chat.Named.Incarnation)).ToList();
        var left = doubts.Where(doubt => doubt.Server != serverId).ToList();
        if (gone.Count > 0 || left.Count > 0)
        {
            garbage.Run(async () =>
            {
                foreach (var (named, _) in gone)
                {
                    await index.RemoveAsync(tenant, named.Segment, named.Incarnation).ConfigureAwait(false);
                }

                foreach (var doubt in left)
                {
                    await TrySettleAsync(tenant, doubt).ConfigureAwait(false);
                }
            });
        }
    }

    private static bool HasLabels(ChatSettings settings, IReadOnlyList<KeyValuePair<string, string>> labels) =>
        labels.All(label => settings.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static bool IsAfter(string chatId, ChatHead.Types.Chat chat, ChatListPosition? position) =>
        position is not { } after
        || chat.UpdateTime < after.UpdateTime.UtcTicks
        || (chat.UpdateTime == after.UpdateTime.UtcTicks && string.CompareOrdinal(chatId, after.ChatId) > 0);
}
