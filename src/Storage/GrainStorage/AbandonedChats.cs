using GenAI.Chats.Storage.GrainStorage.Owners;

namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>
/// Finds turns that no live owner runs: of the chats that this server wrote, and of the chats that servers wrote which are gone. Each live server
/// finds its own.
/// </summary>
internal sealed class AbandonedChats(
    RecordStorage records, ChatHeads heads, OwnerHeartbeats owners, PendingChats pending, SharedRecord<ServersRecord> servers, TimeProvider time, ILogger logger)
{
    /// <summary>The time after which the records of a server are cleared that is gone and has no pending turns.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (string Written, long Since)> _empty = new(StringComparer.Ordinal);

    /// <inheritdoc cref="IOwnerStore.FindAbandonedAsync" />
    public async Task<IReadOnlyList<BusyChat>> FindAsync(AbandonedQuery query, CancellationToken cancellationToken)
    {
        var isGone = Remembered();
        var left = await ReadGoneAsync(isGone).ConfigureAwait(false);
        var found = new List<BusyChat>();
        var ended = new HashSet<(ChatKey, string Writer)>();
        foreach (var some in (await CandidatesAsync(query, left, isGone).ConfigureAwait(false)).Chunk(RecordStorage.Concurrency))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (found.Count >= query.MaxChats)
            {
                break;
            }

            foreach (var (chat, head) in await RecordStorage.ForEachAsync(some, ReadHeadAsync, cancellationToken).ConfigureAwait(false))
            {
                var first = head.Chat is null ? null : HeadMapping.FirstPending(head.Chat);
                ended.Add((chat.Key, first is null ? "" : head.Writer));
                if (first is not null && first.HasOwner == query.HasOwner && (!first.HasOwner || await isGone(first.Owner).ConfigureAwait(false)))
                {
                    found.Add(chat);
                }
            }
        }

        if (query.After is null)
        {
            await ForgetAsync(left, ended).ConfigureAwait(false);
        }

        return found[..Math.Min(found.Count, query.MaxChats)];
    }

    /// <summary>Indicates whether a server is gone, with all its owners. An unknown server is gone.</summary>
    public async Task<bool> IsServerGoneAsync(string serverId)
    {
        var (all, _) = await servers.ReadAsync().ConfigureAwait(false);
        return all.Servers.FirstOrDefault(server => server.Id == serverId) is not { } found || await IsGoneAsync(found, owners.IsGoneAsync).ConfigureAwait(false);
    }

    // The chats of servers that are gone, and those of this server, by create time.
    private async Task<IEnumerable<BusyChat>> CandidatesAsync(AbandonedQuery query, List<GoneServer> left, Func<string, Task<bool>> isGone)
    {
        var candidates = new Dictionary<ChatKey, long>();
        foreach (var entry in left.SelectMany(server => server.Entries))
        {
            candidates[new ChatKey(entry.Tenant, entry.ChatId)] = entry.CreateTime;
        }

        foreach (var chat in pending.Pending())
        {
            if (!chat.IsKnown || (chat.Owner is not { } owner ? !query.HasOwner : query.HasOwner && await isGone(owner).ConfigureAwait(false)))
            {
                candidates[chat.Key] = chat.CreateTime;
            }
        }

        return candidates
            .Select(chat => new BusyChat(chat.Key, Ticks.ToTime(chat.Value)))
            .Where(chat => chat.IsAfter(query.After))
            .OrderBy(chat => chat.CreateTime)
            .ThenBy(chat => chat.Key.Tenant, StringComparer.Ordinal)
            .ThenBy(chat => chat.Key.ChatId, StringComparer.Ordinal);
    }

    private async Task<(BusyChat Chat, ChatHead Head)> ReadHeadAsync(BusyChat chat) => (chat, (await heads.ReadAsync(chat.Key).ConfigureAwait(false)).Head);

    private async Task<List<GoneServer>> ReadGoneAsync(Func<string, Task<bool>> isGone)
    {
        var (all, _) = await servers.ReadAsync().ConfigureAwait(false);
        RecordFormat.Require(all.Format);

        var gone = new List<GoneServer>();
        foreach (var server in all.Servers.Where(server => server.Id != pending.ServerId))
        {
            if (!await IsGoneAsync(server, isGone).ConfigureAwait(false))
            {
                _empty.TryRemove(server.Id, out _);
                continue;
            }

            var shards = await RecordStorage.ForEachAsync(
                [.. Enumerable.Range(0, server.Shards)], shard => records.ReadAsync(RecordName.ServerChats(server.Id, shard))).ConfigureAwait(false);
            gone.Add(new GoneServer(
                server,
                [.. shards.SelectMany(shard => ServerChatsRecord.Parser.Parse(shard.Data).Entries)],
                string.Join(' ', shards.Select(shard => shard.ETag))));
        }

        return gone;
    }

    // Forgets servers whose chats have no pending turns, or were written last by another server, which lists them.
    private async Task ForgetAsync(List<GoneServer> gone, HashSet<(ChatKey, string Writer)> ended)
    {
        foreach (var (server, entries, written) in gone)
        {
            var isEmpty = entries.All(entry => ended.Any(other => other.Item1 == new ChatKey(entry.Tenant, entry.ChatId) && other.Writer != server.Id));
            if (!isEmpty)
            {
                _empty.TryRemove(server.Id, out _);
                continue;
            }

            var seen = _empty.GetOrAdd(server.Id, (written, time.GetTimestamp()));
            if (seen.Written != written)
            {
                _empty[server.Id] = (written, time.GetTimestamp());
            }
            else if (time.GetElapsedTime(seen.Since) > Grace)
            {
                await PendingChats.RemoveAsync(servers, records, server.Id).ConfigureAwait(false);
                foreach (var owner in server.Owners)
                {
                    await records.ClearAsync(RecordName.Owner(owner)).ConfigureAwait(false);
                    await records.ClearAsync(RecordName.Stops(owner)).ConfigureAwait(false);
                }

                _empty.TryRemove(server.Id, out _);
                GrainStorageLog.ServerRemoved(logger, server.Id);
            }
        }
    }

    private static async Task<bool> IsGoneAsync(ServersRecord.Types.Server server, Func<string, Task<bool>> isGone)
    {
        foreach (var owner in server.Owners)
        {
            if (!await isGone(owner).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    // Checks each owner once.
    private Func<string, Task<bool>> Remembered()
    {
        var known = new Dictionary<string, bool>(StringComparer.Ordinal);
        return async owner =>
        {
            if (!known.TryGetValue(owner, out var isGone))
            {
                known[owner] = isGone = await owners.IsGoneAsync(owner).ConfigureAwait(false);
            }

            return isGone;
        };
    }

    private sealed record GoneServer(ServersRecord.Types.Server Server, IReadOnlyList<ServerChatsRecord.Types.Entry> Entries, string Written);
}
