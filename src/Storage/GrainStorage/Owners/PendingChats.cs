namespace GenAI.Chats.Storage.GrainStorage.Owners;

/// <summary>
/// Makes abandoned turns findable, although a provider can't list chats: before a server commits a pending turn, it writes the chat to a record of its
/// own. The server that wrote last therefore lists the chat. If the server is gone, others read its records.
/// </summary>
/// <remarks>
/// If a server sent a heartbeat within half of the lease, its records are certainly there, because no other server can have cleared them. Otherwise, it
/// writes them again first. Others clear them only after the server was gone, without pending turns, for a minute. A turn could be missed only if
/// its server is frozen for longer than that between this and its commit, and is killed within a second of waking up; and then only until a client
/// calls the chat.
/// </remarks>
internal sealed class PendingChats
{
    /// <summary>The number of records of a server.</summary>
    public const int Shards = 16;

    private readonly PendingShard[] _shards;
    private readonly OwnerHeartbeats _owners;
    private readonly SharedRecord<ServersRecord> _servers;
    private readonly HashSet<string> _joined = new(StringComparer.Ordinal);

    public PendingChats(RecordStorage records, OwnerHeartbeats owners, SharedRecord<ServersRecord> servers)
    {
        _shards = [.. Enumerable.Range(0, Shards).Select(shard => new PendingShard(
            new SharedRecord<ServerChatsRecord>(records, RecordName.ServerChats(ServerId, shard), ServerChatsRecord.Parser)))];
        _owners = owners;
        _servers = servers;
        owners.Forgotten = WriteAllAsync;
    }

    /// <summary>The ID of this server: of this instance of the store.</summary>
    public string ServerId { get; } = RecordName.NewRecord();

    /// <summary>Ensures that the chat will be found, before a commit that leaves it with a pending turn.</summary>
    public async Task AddAsync(ChatKey key, LogTurn first)
    {
        var isSure = _owners.IsFresh;
        await ShardOf(key).AddAsync(key, first.CreateTime, isSure).ConfigureAwait(false);
        await JoinAsync(owner: null, isSure).ConfigureAwait(false);
    }

    /// <summary>Notes the result of a commit.</summary>
    /// <param name="key">The chat.</param>
    /// <param name="first">Its first pending turn, or null.</param>
    public void Note(ChatKey key, LogTurn? first) => ShardOf(key).Note(key, first);

    /// <summary>Returns the chats of this server that might have a pending turn.</summary>
    public IEnumerable<PendingChat> Pending() => _shards.SelectMany(shard => shard.Pending());

    /// <summary>Registers an owner of this server.</summary>
    public Task JoinAsync(string owner) => JoinAsync(owner, isSure: true);

    /// <summary>Clears the records of this server and of the stops of its owners, if it has no pending turns.</summary>
    public async Task LeaveAsync(RecordStorage records)
    {
        List<string> owners;
        lock (_joined)
        {
            owners = [.. _joined];
        }

        if (owners.Count == 0 || _shards.Any(shard => shard.HasPending))
        {
            return;
        }

        await RemoveAsync(_servers, records, ServerId).ConfigureAwait(false);
        foreach (var owner in owners.Where(owner => owner.Length > 0))
        {
            await records.ClearAsync(RecordName.Stops(owner)).ConfigureAwait(false);
        }
    }

    /// <summary>Clears the records of a server.</summary>
    public static async Task RemoveAsync(SharedRecord<ServersRecord> servers, RecordStorage records, string server)
    {
        await servers.UpdateAsync(all =>
        {
            var found = all.Servers.FirstOrDefault(other => other.Id == server);
            return found is not null && all.Servers.Remove(found);
        }).ConfigureAwait(false);
        await RecordStorage.ForEachAsync(Enumerable.Range(0, Shards).ToList(), async shard =>
        {
            await records.ClearAsync(RecordName.ServerChats(server, shard)).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
    }

    private async Task JoinAsync(string? owner, bool isSure)
    {
        var name = owner ?? "";
        lock (_joined)
        {
            if (isSure && _joined.Contains(name))
            {
                return;
            }
        }

        await _servers.UpdateAsync(all =>
        {
            all.Format = RecordFormat.Linear;
            var self = all.Servers.FirstOrDefault(server => server.Id == ServerId);
            if (self is null)
            {
                all.Servers.Add(self = new ServersRecord.Types.Server { Id = ServerId, Shards = Shards });
            }

            if (owner is not null && !self.Owners.Contains(owner))
            {
                self.Owners.Add(owner);
            }

            return true;
        }).ConfigureAwait(false);
        lock (_joined)
        {
            _joined.Add(name);
        }
    }

    private async Task WriteAllAsync()
    {
        List<string> owners;
        lock (_joined)
        {
            owners = [.. _joined];
            _joined.Clear();
        }

        foreach (var shard in _shards.Where(shard => shard.HasPending))
        {
            await shard.WriteAsync().ConfigureAwait(false);
        }

        foreach (var owner in owners)
        {
            await JoinAsync(owner.Length == 0 ? null : owner, isSure: false).ConfigureAwait(false);
        }
    }

    private PendingShard ShardOf(ChatKey key) => _shards[(int)((uint)HashCode.Combine(key.Tenant, key.ChatId) % Shards)];
}
