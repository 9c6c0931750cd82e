using GenAI.Chats.Storage.GrainStorage.Owners;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>Lists chats with pending turns, from the records of all servers, whether they are gone or not.</summary>
internal sealed class BusyChats(RecordStorage records, ChatHeads heads, PendingChats pending, SharedRecord<ServersRecord> servers)
{
    /// <inheritdoc cref="IOperatorStore.ListBusyAsync" />
    public async Task<IReadOnlyList<BusyChat>> ListAsync(BusyQuery query, CancellationToken cancellationToken)
    {
        // The records also name chats whose turns have ended, and turns that have ended since, so the heads decide.
        var named = await NamedAsync(cancellationToken).ConfigureAwait(false);
        var found = await RecordStorage.ForEachAsync(
            [.. named.Where(key => query.Tenant is null || key.Tenant == query.Tenant)], FirstAsync, cancellationToken).ConfigureAwait(false);
        return
        [
            .. found.OfType<(BusyChat Chat, bool HasOwner)>()
                .Where(first => query.HasOwner is not { } hasOwner || first.HasOwner == hasOwner)
                .Select(first => first.Chat)
                .Where(chat => !(chat.CreateTime > query.CreatedBefore) && chat.IsAfter(query.After))
                .OrderBy(chat => chat.CreateTime)
                .ThenBy(chat => chat.Key.Tenant, StringComparer.Ordinal)
                .ThenBy(chat => chat.Key.ChatId, StringComparer.Ordinal)
                .Take(query.MaxChats),
        ];
    }

    private async Task<HashSet<ChatKey>> NamedAsync(CancellationToken cancellationToken)
    {
        var (all, _) = await servers.ReadAsync().ConfigureAwait(false);
        RecordFormat.Require(all.Format);
        HashSet<ChatKey> named = [.. pending.Pending().Select(chat => chat.Key)];
        foreach (var server in all.Servers.Where(server => server.Id != pending.ServerId))
        {
            var shards = await RecordStorage.ForEachAsync(
                [.. Enumerable.Range(0, server.Shards)], shard => records.ReadAsync(RecordName.ServerChats(server.Id, shard)), cancellationToken).ConfigureAwait(false);
            named.UnionWith(shards.SelectMany(shard => ServerChatsRecord.Parser.Parse(shard.Data).Entries).Select(entry => new ChatKey(entry.Tenant, entry.ChatId)));
        }

        return named;
    }

    private async Task<(BusyChat Chat, bool HasOwner)?> FirstAsync(ChatKey key)
    {
        var head = (await heads.ReadAsync(key).ConfigureAwait(false)).Head;
        return head.Chat is { } chat && HeadMapping.FirstPending(chat) is { } first
            ? (new BusyChat(key, Ticks.ToTime(first.CreateTime)), first.HasOwner)
            : null;
    }
}
