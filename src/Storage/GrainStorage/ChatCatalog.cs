using GenAI.Chats.Storage.GrainStorage.Tenants;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>Creates, deletes, and lists chats: their heads, and the lists of their tenants.</summary>
internal sealed class ChatCatalog(
    ChatHeads heads, SealedRecords sealedRecords, TenantIndex index, ExpiringTenants expiring, AbandonedChats servers, Garbage garbage, string serverId)
{
    // The number of expired chats that are removed after a list of chats has found them.
    private const int MaxExpired = 100;

    // The time between two searches for expired chats of a tenant that has the maximum number of chats.
    private static readonly TimeSpan MinSweep = TimeSpan.FromSeconds(10);

    private static readonly ChatHead NoHead = new();

    // The incarnations of chats that this server is creating or deleting. No other call settles them.
    private readonly ConcurrentDictionary<string, bool> _underWay = new(StringComparer.Ordinal);

    /// <inheritdoc cref="CreateStep" />
    public Task<StepResult> CreateAsync(CreateStep step, SerializedStep serialized) => AddAsync(step.Chat.Key, step.MaxChats, _ => Task.FromResult(true), (edit, segment) =>
    {
        edit.Head.Chat = HeadMapping.ToHead(step.Chat, serialized.Settings!.Rest, segment, heads.Now);
        edit.Chat.Config = serialized.Settings.Config is { } config ? edit.Put(config) : null;
        foreach (var piece in serialized.Turns)
        {
            edit.Append(TurnMapping.ToLog(piece.Record, edit.Put(piece.Input), edit.Put(piece.Outcome!)));
            edit.Seal();
        }

        return Task.CompletedTask;
    });

    /// <summary>Adds a chat, unless it exists.</summary>
    /// <param name="key">The chat.</param>
    /// <param name="maxChats">The maximum number of chats of the tenant.</param>
    /// <param name="prepare">Called before each try, with the number of commits of the head before the chat is added.</param>
    /// <param name="fill">Sets the chat of the head, in the segment of the tenant's list.</param>
    public async Task<StepResult> AddAsync(ChatKey key, long maxChats, Func<long, Task> prepare, Func<HeadEdit, int, Task> fill)
    {
        while (true)
        {
            // Read before the doubt is added: if another server settles the doubt, this write finds another head.
            var found = (await heads.ReadAsync(key).ConfigureAwait(false)).Head;
            if (await FindAsync(key).ConfigureAwait(false) is { } existing)
            {
                return StepResult.Exists(existing);
            }

            if (heads.IsExpired(found))
            {
                await RemoveExpiredAsync(key).ConfigureAwait(false);
                continue;
            }

            await prepare(found.Commits).ConfigureAwait(false);
            var incarnation = RecordName.NewRecord();
            _underWay[incarnation] = true;
            try
            {
                var doubt = await ReserveAsync(key, incarnation, maxChats).ConfigureAwait(false);
                var isCreated = await CreateAsync(key, fill, doubt, found.Commits).ConfigureAwait(false);
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

            if (heads.Existing(found) is not { } chat)
            {
                return Deletion.NotFound;
            }

            var isDeleted = await DeleteAsync(key, found.Incarnation, chat.Segment, isStep: true, head =>
            {
                if (head.Commits != found.Commits)
                {
                    return null;
                }

                var edit = heads.Edit(key, head);
                edit.Delete();
                edit.Deleted(step);
                return edit;
            }).ConfigureAwait(false);
            if (isDeleted)
            {
                return Deletion.Done;
            }
        }
    }

    /// <summary>Removes the chat if it has expired. The caller doesn't have to hold the lock of the chat.</summary>
    public async Task RemoveExpiredAsync(ChatKey key)
    {
        var found = (await heads.ReadAsync(key).ConfigureAwait(false)).Head;
        if (heads.IsExpired(found))
        {
            await DeleteAsync(key, found.Incarnation, found.Chat.Segment, isStep: false, head =>
            {
                if (head.Incarnation != found.Incarnation || !heads.IsExpired(head))
                {
                    return null;
                }

                var edit = heads.Edit(key, head);
                edit.Delete();
                return edit;
            }).ConfigureAwait(false);
        }
    }

    /// <summary>Removes the expired chats of a tenant.</summary>
    public async Task RemoveExpiredAsync(string tenant, CancellationToken cancellationToken)
    {
        var (doubts, settled) = await index.ReadAsync(tenant).ConfigureAwait(false);
        await RecordStorage.ForEachAsync(
            [.. settled.Select(chat => chat.ChatId).Concat(doubts.Select(doubt => doubt.ChatId)).Distinct(StringComparer.Ordinal)],
            async chatId =>
            {
                await RemoveExpiredAsync(new ChatKey(tenant, chatId)).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
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

    // The chat is null if it was deleted, or has expired.
    private async Task<IReadOnlyList<(ListedChat Named, ChatHead.Types.Chat? Chat)>> ReadAllAsync(string tenant, CancellationToken cancellationToken)
    {
        var (doubts, settled) = await index.ReadAsync(tenant).ConfigureAwait(false);
        var named = settled.Concat(doubts.Select(doubt => new ListedChat(doubt.ChatId, doubt.Incarnation, 0))).DistinctBy(chat => chat.Incarnation).ToList();
        var found = await RecordStorage.ForEachAsync(
            named,
            async chat =>
            {
                var head = (await heads.ReadAsync(new ChatKey(tenant, chat.ChatId), isKept: false).ConfigureAwait(false)).Head;
                return (Named: chat, Head: head.Incarnation == chat.Incarnation ? head : NoHead);
            },
            cancellationToken).ConfigureAwait(false);
        Tidy(tenant, doubts, found);
        return [.. found.Select(chat => (chat.Named, heads.Existing(chat.Head)))];
    }

    private Task<ChatRecord?> FindAsync(ChatKey key) => heads.ReadAsync(
        key, async head => heads.Existing(head) is { } chat ? (await LoadAsync(key, chat).ConfigureAwait(false)).Chat : null, CancellationToken.None);

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
                key, async head => heads.Existing(head) is { } some ? await ListedAsync(some).ConfigureAwait(false) : null, CancellationToken.None).ConfigureAwait(false);
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

        if (await index.ReserveAsync(key, incarnation, maxChats).ConfigureAwait(false) is { } second)
        {
            return second;
        }

        // So might chats that have expired.
        if (await expiring.TryTakeAsync(key.Tenant, MinSweep).ConfigureAwait(false))
        {
            await RemoveExpiredAsync(key.Tenant, CancellationToken.None).ConfigureAwait(false);
        }

        return await index.ReserveAsync(key, incarnation, maxChats).ConfigureAwait(false) ?? throw new ChatLimitException(maxChats);
    }

    private Task<bool> CreateAsync(ChatKey key, Func<HeadEdit, int, Task> fill, TenantChats.Types.Doubt doubt, long commits) => heads.CommitAsync<bool>(key, async head =>
    {
        if (head.Chat is not null || head.Commits != commits)
        {
            return (null, false);
        }

        var edit = heads.Edit(key, head);
        edit.Head.Incarnation = doubt.Incarnation;
        await fill(edit, doubt.Segment).ConfigureAwait(false);
        return (edit, true);
    });

    private async Task<bool> DeleteAsync(ChatKey key, string incarnation, int segment, bool isStep, Func<ChatHead, HeadEdit?> decide)
    {
        _underWay[incarnation] = true;
        try
        {
            var doubt = await index.DoubtAsync(key, incarnation, segment).ConfigureAwait(false);
            var isDeleted = await heads.CommitAsync<bool>(key, head => Task.FromResult(decide(head) is { } edit ? (edit, true) : ((HeadEdit?)null, false)), isStep).ConfigureAwait(false);
            if (isDeleted && isStep)
            {
                garbage.Run(() => index.SettleAsync(key.Tenant, doubt, isThere: false));
                return true;
            }

            var head = (await heads.ReadAsync(key).ConfigureAwait(false)).Head;
            await index.SettleAsync(key.Tenant, doubt, head.Chat is not null && head.Incarnation == incarnation).ConfigureAwait(false);
            return isDeleted;
        }
        finally
        {
            _underWay.TryRemove(incarnation, out _);
        }
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
    }

    // Settles doubts of servers that are gone, and removes expired chats, and the names of deleted chats.
    private void Tidy(string tenant, IReadOnlyList<TenantChats.Types.Doubt> doubts, IReadOnlyList<(ListedChat Named, ChatHead Head)> found)
    {
        var gone = found.Where(chat => chat.Head.Chat is null && chat.Named.Segment > 0 && doubts.All(doubt => doubt.Incarnation != chat.Named.Incarnation)).ToList();
        var expired = found.Where(chat => heads.IsExpired(chat.Head)).Take(MaxExpired).ToList();
        var left = doubts.Where(doubt => doubt.Server != serverId).ToList();
        if (gone.Count > 0 || expired.Count > 0 || left.Count > 0)
        {
            garbage.Run(async () =>
            {
                foreach (var (named, _) in gone)
                {
                    await index.RemoveAsync(tenant, named.Segment, named.Incarnation).ConfigureAwait(false);
                }

                foreach (var (named, _) in expired)
                {
                    await RemoveExpiredAsync(new ChatKey(tenant, named.ChatId)).ConfigureAwait(false);
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
